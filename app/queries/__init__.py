"""READ side: select() builders and read dataclasses; nothing here changes a row."""
