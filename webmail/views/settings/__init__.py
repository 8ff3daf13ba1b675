"""The member's own settings: a page for each part of them, plain forms that need no scripts."""
