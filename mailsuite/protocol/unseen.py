"""Characters that nobody sees, as the insides of a pattern's `[ ]`: they pad previews, split words and disguise names.

Joiners stand apart: Persian, Indic scripts and emoji are spelt with them, so a name that is shown keeps them.
"""

from __future__ import annotations

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides, isolates: they reorder what stands around
ZERO_WIDTH = "\u00ad\u034f\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff"
JOINERS = "\u200c\u200d"
TAGS = "\ufff9-\ufffb\U000e0000-\U000e007f"  # annotations, and letters that only programs read

UNSEEN = BIDI + ZERO_WIDTH + JOINERS  # between the letters of a word they change nothing for who reads or searches it
