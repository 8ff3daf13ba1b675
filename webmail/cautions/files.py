"""Files that can do something when they are opened (product.md 4.7, P9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from webmail.cautions.warning import Warning

PROGRAMS = set(
    "exe com scr pif bat cmd msi msp msix appx ps1 psm1 vbs vbe js jse wsf wsh hta cpl jar reg dll sys scf lnk url inf gadget "
    "application appref-ms settingcontent-ms library-ms search-ms iso img vhd vhdx dmg pkg app apk deb rpm run sh "
    "command desktop html htm xhtml shtml mht mhtml svg svgz xml xsl chm hlp one docm dotm xlsm xltm xlam "
    "xlsb pptm potm ppam ppsm sldm rtf.exe "
    "ace arj cab z uue iqy slk".split()
)
SAFE_LOOKING = set("pdf doc docx xls xlsx ppt pptx odt ods txt jpg jpeg png gif csv zip mp3 mp4 eml".split())
PROGRAM_TYPES = {"application/x-msdownload", "application/x-dosexec", "application/hta", "text/html", "image/svg+xml"}
ENDING = re.compile(r"\.([A-Za-z0-9_-]{1,20})[\s.]*\Z")
MOST = 10


def risky(attachments: Iterable[Mapping[str, Any]]) -> Iterator[Warning]:
    """A warning for each file that can run programs; at most so many."""
    count = 0
    for one in attachments:
        name = str(one.get("name") or "")
        ending = _ending(name)
        kind = str(one.get("type") or "").lower()
        if ending in PROGRAMS or (kind in PROGRAM_TYPES and not one.get("inline")):
            before = _ending(name[: -len(ending) - 1]) if ending else ""
            disguised = {"disguise": before} if before in SAFE_LOOKING else {}
            yield Warning("P9", "caution", "file", {"file": name or kind, "part": str(one.get("part", "")), **disguised})
            count += 1
        if count == MOST:
            return


def _ending(name: str) -> str:
    found = ENDING.search(name[-60:])
    return found[1].lower() if found else ""
