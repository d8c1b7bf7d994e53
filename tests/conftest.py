"""Plugins only; the fixtures live in tests/fixtures."""

pytest_plugins = [
    "tests.fixtures.application",
    "tests.fixtures.browser",
    "tests.fixtures.clock",
    "tests.fixtures.forbid",
    "tests.fixtures.mail",
    "tests.fixtures.office",
    "tests.fixtures.outside",
    "tests.fixtures.signing",
    "tests.fixtures.records",
    "tests.fixtures.settling",
]
