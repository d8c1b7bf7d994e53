# make run    start everything on this machine   (PORT=8080 DATA_DIR=./data DEMO=1 DEMO_PASSWORD=…)
# make test   run the tests                      (ARGS="tests/rules -k number")
# make lint   check style, types, layers, spelling
# make docs   generated pages and pictures of docs/  (needs Chromium)
# make bench  measure and write docs/performance.md; about a quarter of an hour  (BENCH_ROWS=10000,100000)
#
# A variable given on the command line reaches the program through the environment; config.py names them all.

.PHONY: run test lint docs bench
.SILENT:

run:
	bin/setup && exec .venv/bin/python run.py

test:
	bin/test $(ARGS)

lint:
	bin/lint

docs:
	bin/setup dev && bin/docs && bin/screenshots

bench:
	bin/setup && .venv/bin/python -m bench.run
