"""Where things stand on the screens that are measured: the one place to touch when a page changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A key in the list. effect: what stands there, or says something else, when it has had it. unless: it would have none.

    back: keys that take it back, which nobody waits for.
    """

    press: str
    effect: str
    back: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """Addresses and CSS selectors of a webmail."""

    sign_in: str  # where its form is
    login: str
    password: str
    enter: str
    inbox: str
    everything: str  # the list of the largest mailbox
    switch: str  # a click on it, beside the list, shows that mailbox
    row: str  # of a list
    subject: str  # in a row; a click on it opens
    opened: str  # the text of the message that is open, or the frame that shows it
    search: str  # the box
    widest_search: str = ""  # a script after which a search looks into all texts of all mailboxes
    results: str = ""  # rows of a search, where they are others than `row`
    ready: str = "body"  # what stands there when keys are heard
    keys: tuple[Key, ...] = ()  # pressed in this order
    compose: str = ""  # a letter that can be written in
    offer: str = ""  # what is offered while typing into the search box


# The page that the server draws, and the application that takes it over.
MAILSUITE = Screen(
    sign_in="/sign-in",
    login="#login",
    password="#password",
    enter="form:has(#password) button.primary",
    inbox="/",
    everything="/in/all",
    switch="nav a[href='/in/all']",
    row="ol.rows > li.row, #app [role=row][data-thread]",
    subject=".subject",
    opened="details.message[open] :is(.text, iframe.frame), #app .message.is-open :is(.text, iframe.frame:not(.coming))",
    search="#q",
    ready="html.js",
    keys=(
        Key("j", "#app .row.focused"),
        Key("j", "#app .row.focused"),
        Key("k", "#app .row.focused"),
        Key("x", "#app .row[aria-selected=true]", back="x"),
        Key(".", "[role=menu]", back="Escape"),
        Key("s", "#app .row.focused .star.on", back="z", unless="#app .row.focused .star.on"),
        Key("e", ".toast"),
        Key("z", ".toast"),
        Key("#", ".toast", back="z"),
    ),
    compose="[data-letter] [role=textbox]",
    offer="#found .option",
)
ROUNDCUBE = Screen(
    sign_in="/?_task=login",
    login="#rcmloginuser",
    password="#rcmloginpwd",
    enter="#rcmloginsubmit",
    inbox="/?_task=mail&_mbox=INBOX",
    everything="/?_task=mail&_mbox=Archive",
    switch="#mailboxlist a[rel=Archive]",
    row="#messagelist tbody tr.message",
    subject=".subject a",
    opened="#messagebody",
    search="#mailsearchform",
    widest_search="rcmail.env.search_scope = 'all'; rcmail.env.search_mods = {'*': {text: 1}}",
)
