"""The conversation: what is shown, what is read when, and how it is walked through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from mailsuite.accounts.models import Account
from mailsuite.blobs import store as blobs
from mailsuite.mailstore import actions, mailboxes, messages
from mailsuite.mailstore.models import Message, Thread
from tests.webmail.app.conftest import ANA, BOB, Enter
from tests.webmail.browser import CHROMIUM
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
ALICE = "Alice Example <alice@example.org>"
LONG = "\n".join(f"Line {n} of many." for n in range(60))


def ago(hours: float) -> timedelta:
    return timedelta(hours=hours)


def open_at(page: Page, thread: Thread, origin: str = "inbox") -> None:
    page.goto(f"/t/{thread.pk}?in={origin}")
    expect(page.locator("#app .message").first).to_be_visible()


def unread(thread: Thread) -> list[int]:
    return [
        n for n, one in enumerate(Message.objects.filter(thread=thread).order_by("received_at")) if not one.flags & Message.SEEN
    ]


def opened(page: Page, wanted: list[bool]) -> None:
    """Soon the messages on the page are open or not, in their order."""
    states = "[...document.querySelectorAll('.message .fold')].map((one) => one.ariaExpanded === 'true')"
    page.wait_for_function(f"(wanted) => JSON.stringify({states}) === JSON.stringify(wanted)", arg=wanted)


def test_unread_and_last_are_open_long_runs_are_folded_and_the_first_unread_is_in_sight(page: Page, alice: Account) -> None:
    old = [Letter(ANA, f"Text {n}\n{LONG}", ago(20 - n)) for n in range(6)]
    thread = conversation(alice, "Roof", *old, Letter(ANA, f"New\n{LONG}", ago(3), seen=False), Letter(BOB, LONG, ago(2)))
    open_at(page, thread)
    opened(page, [False, True, True])
    expect(page.locator(".older")).to_have_text("5 older messages")
    expect(page.locator(".message.unread .fold, .message.is-open .fold").first).to_be_in_viewport()
    page.click(".older")
    opened(page, [False] * 6 + [True, True])
    page.keyboard.press(";")
    opened(page, [True] * 8)
    page.keyboard.press(":")
    opened(page, [False] * 8)


def test_a_message_is_read_when_it_was_on_the_screen_and_not_before(page: Page, alice: Account) -> None:
    thread = conversation(
        alice,
        "Gutter",
        Letter(ANA, LONG, ago(3), seen=False),
        Letter(ANA, LONG, ago(2), seen=False),
        Letter(ANA, "Last.", ago(1), seen=False),
    )
    page.goto("/")
    page.locator("#app .row", has_text="Gutter").first.locator(".open").click()
    expect(page.locator(".message.unread")).to_have_count(2)
    page.wait_for_timeout(700)  # long enough to read what is not on the screen, if that were read
    assert unread(thread) == [1, 2]
    page.keyboard.press("End")
    expect(page.locator(".message.unread")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("#app .row", has_text="Gutter").first).not_to_have_class("unread")
    expect(page.locator(".toast")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_have_text("Nothing to undo.")


def test_what_is_marked_unread_from_here_stays_unread(page: Page, alice: Account) -> None:
    thread = conversation(alice, "Gutter", *(Letter(ANA, f"Text {n}", ago(9 - n)) for n in range(3)))
    page.goto("/")
    page.locator("#app .row", has_text="Gutter").locator(".open").click()
    expect(page.locator(".message")).to_have_count(3)
    page.keyboard.press("p")
    page.keyboard.press("_")
    expect(page.locator("#app .row").first).to_be_visible()
    expect(page.locator("#app .row", has_text="Gutter").locator(".new")).to_have_text("2 new")
    page.wait_for_timeout(300)
    assert unread(thread) == [1, 2]


def test_opening_puts_the_focus_on_the_subject_and_leaving_back_on_the_row(page: Page, alice: Account) -> None:
    page.locator("#app .row", has_text="Keys").locator(".open").click()
    expect(page.locator("h1#subject")).to_be_focused()
    expect(page.locator(".message")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.locator(".message .fold").last).to_be_focused()
    page.keyboard.press("o")
    opened(page, [False])
    page.keyboard.press("j")
    expect(page.locator("h1#subject")).to_have_text("Minutes")
    page.keyboard.press("u")
    expect(page.locator("#app .row", has_text="Minutes").locator(".open")).to_be_focused()


def test_people_who_come_and_go_and_answers_to_older_messages_are_told(page: Page, alice: Account) -> None:
    def answer(n: int, **more) -> Letter:
        return Letter(**{"who": ANA, "text": f"Answer {n}", "ago": ago(9 - n)} | more)

    first = answer(0, cc="Dan Wu <dan@elsewhere.example>, Bob Roe <bob@elsewhere.example>", headers={"In-Reply-To": "<none@x>"})
    thread = conversation(
        alice, "Roof", first, answer(1, cc="Carol Diaz <carol@elsewhere.example>, Bob Roe <bob@elsewhere.example>")
    )
    number = Message.objects.filter(thread=thread).order_by("received_at")[0]
    assert number
    open_at(page, thread)
    expect(page.locator(".line", has_text="Carol was added by Ana")).to_be_visible()
    expect(page.locator(".line", has_text="Dan is no longer addressed")).to_be_visible()


def test_spam_and_trash_are_apart_and_a_press_away(page: Page, alice: Account) -> None:
    thread = conversation(
        alice,
        "Roof",
        Letter(ANA, "Old words.", ago(3)),
        Letter(ANA, "New words.", ago(2)),
        Letter("x@mallory.example", "Pay here.", ago(1)),
    )
    first, _, spam = Message.objects.filter(thread=thread).order_by("received_at")
    actions.report_spam(alice.pk, message_ids=[spam.pk])
    actions.trash(alice.pk, message_ids=[first.pk])
    open_at(page, thread)
    expect(page.locator(".text")).to_have_text(["New words."])
    page.locator(".line", has_text="in Trash").get_by_role("button").click()
    expect(page.locator(".text")).to_have_text(["Old words."])
    page.locator(".message .menu > summary[aria-label]").click()
    page.click("text=Restore this message")
    expect(page.locator(".message")).to_have_count(2)
    open_at(page, thread, "spam")
    expect(page.locator(".text")).to_have_text(["Pay here."])


def test_one_message_is_trashed_at_once_and_comes_back_with_z(page: Page, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, "Old words.", ago(3)), Letter(ANA, "New words.", ago(2)))
    open_at(page, thread)
    page.locator(".message.is-open .menu > summary[aria-label]").click()
    page.click("text=Trash this message")
    expect(page.locator(".line", has_text="1 message of this conversation in Trash")).to_be_visible()
    expect(page.locator(".message")).to_have_count(1)
    page.keyboard.press("Escape")
    page.goto(f"/t/{thread.pk}")
    expect(page.locator(".message")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator(".message")).to_have_count(2)


def test_new_mail_comes_in_below_with_a_bar_and_moves_nothing(page: Page, alice: Account) -> None:
    thread = conversation(alice, "Roof", Letter(ANA, LONG, ago(3)))
    open_at(page, thread)
    place = page.locator(".message .fold").first.bounding_box()
    known = Message.objects.get(thread=thread)
    reply = Letter(ANA, "And now?", ago(0), seen=False, headers={"In-Reply-To": known.message_id})
    conversation(alice, "Re: Roof", reply)
    expect(page.locator(".news")).to_have_text("1 new message", timeout=35_000)
    assert page.locator(".message .fold").first.bounding_box() == place
    page.click(".news button")
    expect(page.locator(".text", has_text="And now?")).to_be_in_viewport()
    expect(page.locator(".news button")).to_have_count(0)


def test_a_reply_that_came_while_one_was_elsewhere_is_open_and_in_sight(page: Page, alice: Account) -> None:
    thread = conversation(alice, "Roof", *(Letter(ANA, LONG, ago(9 - n)) for n in range(3)))
    open_at(page, thread)
    page.keyboard.press("u")
    row = page.locator("#app .row", has_text="Roof").first
    expect(row).to_be_visible()
    known = Message.objects.filter(thread=thread).latest("pk")
    conversation(alice, "Re: Roof", Letter(ANA, "And now?", ago(0), seen=False, headers={"In-Reply-To": known.message_id}))
    expect(page.locator("#app .row.unread", has_text="And now?")).to_be_visible(timeout=35_000)
    page.locator("#app .row", has_text="And now?").locator(".open").click()
    expect(page.locator(".text", has_text="And now?")).to_be_in_viewport()
    page.wait_for_timeout(300)
    expect(page.locator(".news button")).to_have_count(0)


def test_plain_text_is_laid_out_from_text_and_what_repeats_is_folded(page: Page, alice: Account) -> None:
    question = "Which tiles?\nAnd when does he come?\n<b>x</b> https://roofs.example/a\n-- \nAna"
    answer = "On Tuesday.\n\nOn 3 October 2026 at 14:02, Ana wrote:\n> Which tiles?\n> And when does he come?\n"
    inline = "> Which tiles?\nThe red ones.\n> And when does he come?\nOn Tuesday."
    thread = conversation(alice, "Roof", Letter(ANA, question, ago(3)), Letter(BOB, answer, ago(2)), Letter(BOB, inline, ago(1)))
    open_at(page, thread)
    page.keyboard.press(";")
    texts = page.locator(".text")
    expect(texts).to_have_count(3)
    expect(texts.nth(0)).to_contain_text("<b>x</b>")
    expect(texts.nth(0).locator("a")).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(texts.nth(0).locator(".signature")).to_contain_text("Ana")
    expect(texts.nth(1)).to_have_text("On Tuesday.")
    expect(texts.nth(2)).to_contain_text("The red ones.")
    page.click("[aria-label='Show quoted text']")
    expect(page.locator(".cite", has_text="Which tiles?")).to_have_count(2)
    texts.nth(0).locator("a").hover()
    expect(page.locator(".destination b")).to_have_text("roofs.example")


def test_html_fits_its_frame_keeps_its_keys_and_asks_before_it_loads_images(page: Page, alice: Account) -> None:
    link = '<a href="https://www.shop.example/x?utm_source=mail">shop</a>'
    html = f'<p>Hello {link}</p><img src="https://pics.example/a.png">{"<p>More</p>" * 60}<p>End</p>'
    conversation(alice, "News", Letter("Shop <news@shop.example>", "Hello", ago(1), html=html), Letter(ANA, "And?", ago(0.5)))
    page.goto("/")
    page.locator("#app .row", has_text="News").locator(".open").click()
    expect(page.locator(".message")).to_have_count(2)
    page.keyboard.press(";")
    frame = page.frame_locator("iframe.frame")
    expect(frame.locator("text=End")).to_be_attached()
    expect(page.locator("iframe.frame:not(.coming)")).to_be_visible()
    fits = "f => f.contentDocument.documentElement.scrollHeight <= f.clientHeight && f.clientHeight > 2000"
    assert page.locator("iframe.frame").evaluate(fits), "a long mail is shown to its end"
    expect(page.locator(".images")).to_contain_text("not loaded")
    frame.locator("a").first.hover()
    expect(page.locator(".destination b")).to_have_text("www.shop.example")
    frame.locator("p").first.click()
    with page.expect_request(lambda request: "images=1" in request.url):
        page.keyboard.press("i")
    expect(page.locator(".images")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("#app .row").first).to_be_visible()
    page.complaints.clear()  # there is no such host


def test_what_the_pointer_is_over_is_at_hand_when_it_is_opened(page: Page, alice: Account) -> None:
    html = '<p>Hello</p><img src="https://pics.example/a.png">'
    far = ago(40)  # those on top are at hand without a pointer
    conversation(alice, "News", Letter("Shop <news@shop.example>", "Hello", far, html=html))
    page.goto("/")
    row = page.locator("#app .row", has_text="News")
    with page.expect_response(lambda response: "/body?" in response.url) as ahead:
        row.hover()
    assert ahead.value.ok
    expect(page.locator("iframe")).to_have_count(0)
    row.locator(".open").click()
    expect(page.frame_locator("iframe.frame").get_by_text("Hello")).to_be_visible()
    sent = page.locator("iframe.frame").evaluate(
        "f => f.contentWindow.performance.getEntriesByType('navigation')[0].transferSize"
    )
    assert sent == 0, "it comes from the browser's cache"


def test_beside_an_open_conversation_what_the_pointer_is_over_is_loaded_and_what_is_open_is_not_loaded_again(
    enter: Enter, alice: Account
) -> None:
    page = enter(viewport={"width": 1600, "height": 900})
    open_one, other = (
        conversation(alice, subject, Letter("Shop <news@shop.example>", "Hello", at, html=f"<p>{subject}</p>"))
        for subject, at in (("News", ago(1)), ("Offers", ago(40)))  # too far below it to be loaded with it
    )
    open_at(page, open_one)
    expect(page.frame_locator("iframe.frame").get_by_text("News")).to_be_visible()
    page.wait_for_timeout(500)
    loaded: list[str] = []
    page.on("request", lambda request: "/body?" in request.url and loaded.append(request.url))
    page.locator("#app .row", has_text="News").hover()
    page.wait_for_timeout(500)
    assert not loaded
    with page.expect_request(lambda request: "/body?" in request.url):
        page.locator("#app .row", has_text="Offers").hover()
    message = Message.objects.get(pk=int(loaded[0].split("/m/")[1].split("/")[0]))
    assert message.thread_id == other.pk


def test_a_long_conversation_loads_its_middle_when_it_is_unfolded(page: Page, alice: Account) -> None:
    thread = conversation(alice, "Roof", *(Letter(ANA, f"Text number {n}.", ago(100 - n)) for n in range(90)))
    open_at(page, thread)
    expect(page.locator(".older")).to_have_text("88 older messages")
    page.keyboard.press(";")
    expect(page.locator(".message.is-open")).to_have_count(90)
    page.locator(".message").nth(40).scroll_into_view_if_needed()
    expect(page.locator(".text", has_text="Text number 40.")).to_be_visible()
    assert page.locator(".text").count() <= 60


def test_files_are_looked_into_on_the_whole_screen(page: Page, alice: Account) -> None:
    files = [
        ("plan.txt", "text/plain", b"The plan."),
        ("list.csv", "text/csv", b"a,b\n1,2\n"),
        ("run.exe", "application/x-dosexec", b"MZ"),
    ]
    thread = conversation(alice, "Plans", Letter(ANA, "See.", ago(1), files=files))
    open_at(page, thread)
    expect(page.locator(".file-card")).to_have_count(3)
    expect(page.locator(".save-all")).to_have_attribute("href", f"/m/{Message.objects.get(thread=thread).pk}/files.zip")
    page.click(".file-card >> text=plan.txt")
    expect(page.frame_locator(".viewer iframe").locator("pre")).to_have_text("The plan.")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer h2")).to_have_text("list.csv")
    expect(page.frame_locator(".viewer iframe").locator("td").first).to_have_text("1")
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_be_hidden()
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".file-caution")).to_contain_text("can run programs")


def test_labels_of_the_conversation_are_shown_wherever_it_is_opened_from(page: Page, alice: Account) -> None:
    garden = mailboxes.create(alice.pk, "Garden")
    thread = conversation(alice, "Roof", Letter(ANA, "It leaks.", ago(1)), labels=[garden])
    open_at(page, thread, "sent")
    expect(page.locator(".conversation .chip")).to_contain_text("Garden")
    page.click("[aria-label='Remove label Garden']")
    expect(page.locator(".conversation .chip")).to_have_count(0)


def test_the_toolbar_says_what_goes_to_trash_with_a_conversation(page: Page, alice: Account) -> None:
    open_at(page, conversation(alice, "Roof", Letter(ANA, ago=ago(3)), Letter(ALICE, ago=ago(2)), Letter(ANA, ago=ago(1))))
    expect(page.locator("[data-command=trash]")).to_have_attribute("title", "Move to Trash: 3 messages, 1 of them yours (#)")


def test_a_conversation_that_goes_on_says_from_what(page: Page, alice: Account) -> None:
    old, new = conversation(alice, "Spring jobs", Letter(ANA)), conversation(alice, "Roof", Letter(ANA))
    Thread.objects.filter(pk=new.pk).update(continues=old)
    open_at(page, new)
    expect(page.locator(".line")).to_have_text("Continues from Spring jobs")
    page.click(".line a")
    expect(page.locator(".line")).to_have_text("Went on as Roof")


def test_on_a_phone_nothing_scrolls_sideways_and_targets_are_large(enter: Enter, alice: Account) -> None:
    thread = conversation(
        alice,
        "Roof",
        Letter(ANA, "x" * 300, ago(2)),
        Letter(ANA, "It leaks.", ago(1), files=[("a" * 90 + ".txt", "text/plain", b"x")]),
    )
    phone = enter(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_at(phone, thread)
    phone.locator(".fold").first.click()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    small = phone.locator(".conversation :is(button, summary, a)").evaluate_all(
        """all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 24)
        .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert not small


def test_a_danger_hides_the_message_behind_its_reason_and_shows_it_in_steps(page: Page, alice: Account) -> None:
    html = '<p>Dear customer, <a href="https://mallory.example/pay">sign in</a></p>'
    author = '"billing@bank.example" <x@mallory.example>'
    thread = conversation(alice, "Your account", Letter(author, "Dear customer", ago(1), html=html))
    open_at(page, thread)
    expect(page.locator(".note.danger")).to_contain_text(
        "The name says billing@bank.example. The real sender is x@mallory.example."
    )
    expect(page.locator("iframe.frame")).to_have_count(0)
    page.click("text=Show without links")
    link = page.frame_locator("iframe.frame").locator("a")
    expect(link).to_have_text("sign in")
    assert link.get_attribute("href") is None
    page.click("text=Show and enable links")
    expect(link).to_have_attribute("href", "https://mallory.example/pay")
    page.click("text=This is fine")
    expect(page.locator(".note.danger")).to_have_count(0)
    page.click(".toast button")
    expect(page.locator(".note.danger")).to_be_visible()


def test_why_a_message_is_here_is_said_on_a_key(page: Page, alice: Account) -> None:
    reasons = [{"code": "known", "text": "You wrote to them before", "weight": -1.5}]
    decision = {"auth": {"dmarc": {"result": "pass"}, "spf": {"result": "pass"}}, "reasons": reasons}
    thread = conversation(alice, "Roof", Letter(ANA, decision=decision))
    open_at(page, thread)
    expect(page.locator(".text")).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator(".why-panel")).to_contain_text("Confirmed: really from elsewhere.example")
    expect(page.locator(".why-panel")).to_contain_text("You wrote to them before (−1.5)")
    page.keyboard.press("w")
    expect(page.locator(".why-panel")).to_have_count(0)
    page.click(".people summary")
    expect(page.locator(".people dl")).to_contain_text("Confirmed: really from elsewhere.example")


def test_an_invitation_is_answered_in_place(page: Page, alice: Account) -> None:
    calendar = "\r\n".join(
        (
            *("BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:roof@elsewhere.example", "SEQUENCE:0"),
            *("DTSTAMP:20261001T080000Z", "DTSTART:20991003T140000Z", "DTEND:20991003T150000Z", "SUMMARY:Roof meeting"),
            *("ORGANIZER:mailto:ana@elsewhere.example", "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:alice@example.org"),
            *("END:VEVENT", "END:VCALENDAR", ""),
        )
    )
    content = (
        f"From: {ANA}\r\nTo: alice@example.org\r\nSubject: Roof meeting\r\nMessage-ID: <roof@elsewhere.example>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n{calendar}"
    ).encode()
    [blob] = blobs.save([(blobs.draft(content), 0)])
    [kept] = messages.append([messages.NewMessage(alice.pk, blob, content, role="inbox")])
    page.goto(f"/t/{kept.thread_id}")
    card = page.locator(".event")
    expect(card.locator("h3")).to_have_text("Roof meeting")
    card.get_by_role("button", name="Yes").click()
    expect(page.locator(".toast")).to_contain_text("Your answer is sent.")
    expect(card.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")


def test_on_a_dark_page_a_sender_can_keep_its_colours(enter: Enter, alice: Account) -> None:
    thread = conversation(alice, "News", Letter("Shop <news@shop.example>", "Hello", ago(1), html="<p>Hello <b>you</b></p>"))
    page = enter(color_scheme="dark")
    for asked, background in (("Show in its own colours", "rgb(255, 255, 255)"), ("Show in dark colours", "rgb(19, 24, 27)")):
        open_at(page, thread)
        page.click("[aria-label='More for this message']")
        page.click(f"text={asked}")
        expect(page.frame_locator("iframe.frame").locator("html")).to_have_css("background-color", background)
    open_at(page, thread)
    expect(page.frame_locator("iframe.frame").locator("html")).to_have_css("background-color", "rgb(19, 24, 27)")


def test_newest_first_is_a_choice(page: Page, alice: Account) -> None:
    alice.preferences = {"chronology": "newest"}
    alice.save()
    thread = conversation(alice, "Roof", *(Letter(ANA, f"Text {n}", ago(9 - n)) for n in range(3)))
    open_at(page, thread)
    expect(page.locator(".message .fold")).to_have_count(3)
    opened(page, [True, False, False])
    expect(page.locator(".message").first).to_contain_text("Text 2")
