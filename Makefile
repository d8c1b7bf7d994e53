# make run    start everything on this machine   (PORT=8080 DATA_DIR=./data DEMO=1 DEMO_PASSWORD=…)
# make test   run the tests                      (ARGS="tests/rules -k number")
# make lint   check style, types, layers, spelling
# make docs   generated pages and pictures of docs/  (needs Chromium)
#
# A variable given on the command line reaches the program through the environment; config.py names them all.

.PHONY: run test lint docs
.SILENT:

run:
	bin/setup && exec .venv/bin/python run.py

test:
	bin/test $(ARGS)

lint:
	bin/lint

docs:
	bin/setup dev && bin/docs && bin/screenshots
