"""What is asked of every drawn page: each check takes an open page and names every offender, where and what."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.chromium import still

# Says where an element is: its id, or its classes and the nearest id above it.
HELPERS = """
  const where = (node) => {
    if (node.id) return '#' + node.id;
    const own = node.localName + [...node.classList].slice(0, 3).map((name) => '.' + name).join('');
    const near = node.closest('[id]');
    return near ? `#${near.id} ${own}` : own;
  };
  const said = (node) => `${where(node)} “${(node.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 40)}”`;
  const drawn = (node) => node.getClientRects().length > 0;
  const slides = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
  const cuts = (node) => getComputedStyle(node).overflowX !== 'visible';
  const above = (node, wanted) => {
    for (let it = node; it && it !== document.body; it = it.parentElement) if (wanted(it)) return it;
    return null;
  };
"""


def ask(tab: Any, body: str) -> list[str]:
    """Run `body`, the text of a function that returns a list of sentences, in the page."""
    return list(tab.evaluate(f"() => {{ {HELPERS} {body} }}"))


def wider_than_the_screen(tab: Any) -> list[str]:
    """The page scrolls sideways: which elements stick out."""
    return ask(
        tab,
        """
        const root = document.documentElement;
        if (Math.max(root.scrollWidth, document.body.scrollWidth) <= innerWidth) return [];
        const out = [...document.body.querySelectorAll('*')].filter((node) => drawn(node)
          && node.getBoundingClientRect().right > innerWidth + 0.5
          && !above(node.parentElement, cuts));
        const list = out.length ? out.slice(0, 5).map(said) : ['an element that could not be told'];
        return list.map((name) => `${name}: the page is ${root.scrollWidth} px wide on a screen of ${innerWidth}`);
        """,
    )


def equations_that_do_not_fit(tab: Any) -> list[str]:
    """Equations that are cut off, or scroll, or hide their number."""
    return ask(
        tab,
        """
        const wrong = [];
        for (const it of document.querySelectorAll('mjx-container')) {
          if (!drawn(it)) continue;
          const block = it.parentElement.closest('div, p, li, td, th, dd, dt, figcaption, h1, h2, h3, h4');
          const math = it.querySelector('mjx-math') ?? it;
          const box = math.getBoundingClientRect();
          const room = (above(block, cuts) ?? block).getBoundingClientRect();
          const cell = it.closest('table');
          if (it.scrollWidth > it.clientWidth + 1 && it.hasAttribute('display')) {
            wrong.push(`${said(it)}: is ${it.scrollWidth} px wide in a box of ${it.clientWidth}`);
          } else if (!cell && (box.right > room.right + 1 || box.left < room.left - 1)) {
            wrong.push(`${said(it)}: sticks out of ${where(block)} by ${Math.round(box.right - room.right)} px`);
          }
        }
        for (const it of document.querySelectorAll('div.math')) {
          if (drawn(it) && !it.querySelector('mjx-container')) wrong.push(`${said(it)}: is not set`);
          const number = it.querySelector('.eqno');
          if (!number || !drawn(number)) continue;
          const box = number.getBoundingClientRect();
          const math = it.querySelector('mjx-container')?.getBoundingClientRect();
          if (box.right > innerWidth || box.width < 8) wrong.push(`${said(it)}: its number is not to be seen`);
          if (math && math.right > box.left + 1 && math.left < box.right - 1 && math.bottom > box.top
              && math.top < box.bottom) wrong.push(`${said(it)}: runs into its number`);
        }
        return wrong;
        """,
    )


def equations_that_failed(tab: Any) -> list[str]:
    """Formulas with an error in them."""
    return ask(
        tab,
        """
        return [...document.querySelectorAll('mjx-merror, [data-mjx-error]')].map(
          (it) => `${said(it)}: ${it.getAttribute('data-mjx-error') ?? 'is wrong'}`);
        """,
    )


def boxes_that_do_not_scroll(tab: Any) -> list[str]:
    """Tables and code that are too wide and cannot be scrolled, or not by keyboard."""
    return ask(
        tab,
        """
        const wrong = [];
        for (const it of document.querySelectorAll('.bd-article :is(pre, table)')) {
          if (!drawn(it)) continue;
          const box = it.getBoundingClientRect();
          const frame = it.parentElement.getBoundingClientRect();
          const wide = it.scrollWidth > it.clientWidth + 1 || box.right > Math.min(frame.right, innerWidth) + 1;
          if (!wide) continue;
          const scroller = above(it, (node) => slides(node) && node.scrollWidth > node.clientWidth);
          if (!scroller) wrong.push(`${said(it)}: is too wide and does not scroll in a box`);
          else if (scroller.tabIndex < 0 && !scroller.querySelector('a[href], button, [tabindex="0"]')) {
            wrong.push(`${said(scroller)}: scrolls, but not by keyboard`);
          }
        }
        return wrong;
        """,
    )


def pictures_without_words(tab: Any) -> list[str]:
    """Images without alternative text, drawings without a name, figures without a caption."""
    return ask(
        tab,
        """
        const wrong = [];
        const named = (node) => (node.getAttribute('aria-label') || node.querySelector(':scope > title')?.textContent
          || document.getElementById(node.getAttribute('aria-labelledby'))?.textContent || '').trim().length > 3;
        for (const it of document.querySelectorAll('img, input[type=image]')) {
          const alt = (it.getAttribute('alt') ?? '').trim();
          const file = (it.getAttribute('src') ?? '').split('/').pop();
          if (!it.hasAttribute('alt')) wrong.push(`${said(it)}: ${file} has no alternative text`);
          else if (it.closest('article') && alt.length < 4) wrong.push(`${said(it)}: ${file} says only “${alt}”`);
          else if (/[.](svg|png|jpe?g)$/.test(alt)) wrong.push(`${said(it)}: its text is a file name`);
        }
        for (const it of document.querySelectorAll('svg')) {
          if (above(it, (node) => node.getAttribute('aria-hidden') === 'true')) continue;
          if (it.closest('button, a, summary, .fa-solid, [data-icon]')) continue;
          if (it.getAttribute('role') !== 'img') wrong.push(`${where(it)}: a drawing without role="img"`);
          else if (!named(it)) wrong.push(`${where(it)}: a drawing without a name`);
        }
        for (const it of document.querySelectorAll('article figure')) {
          const caption = it.querySelector('figcaption')?.textContent.trim();
          if (!caption) wrong.push(`${where(it)}: a figure without a caption`);
        }
        for (const it of document.querySelectorAll('.cell_output :is(.ml-plot, .ml-fig, img)')) {
          if (!it.closest('figure')) wrong.push(`${where(it)}: drawn by a cell, but no figure with a caption`);
        }
        return wrong;
        """,
    )


def dimmed_or_framed(tab: Any) -> list[str]:
    """Figures that the theme dims, or puts on a ground of their own."""
    return ask(
        tab,
        """
        return [...document.querySelectorAll('article :is(figure, figure > *, img, .ml-plot, .ml-plot svg)')].filter(
          (it) => {
            const style = getComputedStyle(it);
            return drawn(it) && (style.filter !== 'none' || !/rgba.*, 0[)]|transparent/.test(style.backgroundColor));
          }).map((it) => `${where(it)}: is dimmed, or stands on a ground of its own`);
        """,
    )


@contextmanager
def everything_open(tab: Any) -> Iterator[None]:
    """Open what is folded, so that it is looked at too, and fold it again afterwards."""
    tab.evaluate(
        """() => {
          window.unfolded = [...document.querySelectorAll('details:not([open])')];
          window.shown = [...document.querySelectorAll('.toggle-button-hidden')];
          window.unfolded.forEach((it) => { it.open = true; });
          window.shown.forEach((it) => it.click());
        }"""
    )
    still(tab)
    yield
    tab.evaluate(
        """() => {
          window.unfolded.forEach((it) => { it.open = false; });
          window.shown.forEach((it) => it.click());
        }"""
    )
    still(tab)


# The rules of axe-core whose answer depends on the colours, and those that depend on the width as well.
BY_COLOUR = ("color-contrast", "link-in-text-block")
BY_WIDTH = (*BY_COLOUR, "scrollable-region-focusable", "target-size", "aria-hidden-focus", "button-name", "link-name")


def against_axe(tab: Any, source: str, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical, by some of its rules or by all."""
    if not tab.evaluate("() => Boolean(window.axe)"):
        # Not as a script's text: require.js on the page would take it for a module.
        tab.evaluate("(source) => { new Function('define', 'module', 'exports', source)(); }", source)
    return list(
        tab.evaluate(
            """async (rules) => {
              const only = rules.length ? { runOnly: rules } : {};
              const found = await axe.run(document, { resultTypes: ['violations'], ...only });
              return found.violations.filter((it) => ['serious', 'critical'].includes(it.impact)).flatMap((it) =>
                it.nodes.slice(0, 4).map((node) => `${node.target.join(' ')}: ${it.id}: ${it.help}; ` +
                  (node.any[0] ?? node.all[0] ?? node.none[0])?.message));
            }""",
            list(rules),
        )
    )
