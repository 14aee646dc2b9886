# Each target is one line that calls a script, so that everything works without make too.
PYTHON ?= python3

.PHONY: book serve test check test-long notebooks clean

book:
	$(PYTHON) tools/book.py

serve:
	$(PYTHON) tools/serve.py

test:
	$(PYTHON) tools/test.py

check:
	$(PYTHON) tools/check.py

test-long:
	$(PYTHON) tools/test_long.py

notebooks:
	$(PYTHON) tools/notebooks.py

clean:
	$(PYTHON) tools/clean.py
