"""Words by which strangers ask for money or press for time (product.md 4.7, P6), in the languages our members read."""

from __future__ import annotations

import re
from typing import Literal

READ = 20_000  # characters of a text that are looked at

# Each of these alone asks for money or for a secret.
MONEY = (
    r"gift ?cards?|wire transfer|bank(?:ing)? details|account details|bitcoin|crypto ?wallet|western union|moneygram|iban"
    r"|verify your (?:account|identity|password)|confirm your (?:account|password|payment)"
    r"|outstanding (?:invoice|payment|balance)|overdue (?:invoice|payment)|unpaid (?:invoice|bill)"
    r"|(?:update|change) (?:your |my |our )?(?:bank|payment|payroll|direct deposit)"
    r"|geschenkkarten?|gutscheinkarten?|überweisung|bankverbindung|kontodaten|offene rechnung|zahlungsaufforderung|mahnung"
    r"|bestätigen sie ihr (?:konto|passwort)|cartes? cadeaux?|virement|coordonnées bancaires|facture impayée"
    r"|relevé d'identité bancaire|confirmez votre (?:compte|mot de passe)|tarjetas? (?:de )?regalo"
    r"|transferencia bancaria|datos bancarios"
    r"|factura (?:vencida|pendiente)|verifi(?:que|ca) (?:su|tu) cuenta|carte regalo|bonifico|cadeaubon|overschrijving|przelew"
    r"|銀行振込|转账|банковск\w{0,4} реквизит\w{0,3}|перевод денег"
)
URGENT = (
    r"urgent(?:ly)?|immediately|as soon as possible|right away|within 24 hours|final (?:notice|warning)|last (?:notice|warning)"
    r"|account (?:will be|has been|is) (?:suspended|closed|locked|limited|deactivated)"
    r"|password (?:expires|will expire|has expired)"
    r"|act now|are you available|dringend|umgehend|sofort|letzte (?:mahnung|warnung)|konto (?:wird|wurde) gesperrt"
    r"|urgente?|immédiatement|dans les 24 heures|dernier (?:avis|rappel)|compte (?:sera|a été) (?:suspendu|bloqué)"
    r"|inmediatamente|último aviso|cuenta (?:será|ha sido) (?:suspendida|bloqueada)|subito|срочно|至急|紧急"
)
_MONEY = re.compile(rf"(?<!\w)(?:{MONEY})(?!\w)", re.I)
_URGENT = re.compile(rf"(?<!\w)(?:{URGENT})(?!\w)", re.I)


def asks(subject: str, text: str) -> Literal["money", "urgent"] | None:
    """What a letter asks for by its words. One word of urgency is how people write; two are how they are pressed."""
    words = " ".join(f"{subject[:1_000]} {text[:READ]}".split())
    if _MONEY.search(words):
        return "money"
    return "urgent" if len({found[0].lower() for found in _URGENT.finditer(words)}) > 1 else None
