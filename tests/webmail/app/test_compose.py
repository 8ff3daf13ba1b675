"""Writing: nothing that was typed is lost, nothing is sent twice, and whatever may be a slip is asked once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from mailsuite.accounts.models import Account
from mailsuite.mailstore import messages as store
from mailsuite.mailstore.models import Message
from mailsuite.queue.models import Envelope, Submission
from tests.webmail.app.conftest import ANA, BOB, Enter
from tests.webmail.browser import CHROMIUM, PHONE
from tests.webmail.store import Letter, conversation

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt install chromium"),
]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180345a34650000000049454e44ae426082"
)


ME = "Alice Example <alice@example.org>"
IMAGE = {"name": "roof.png", "mimeType": "image/png", "buffer": PIXEL}
REPLY = "Roof repair"


def _saved(letter: Locator | Page) -> None:
    expect(letter.locator(".letter-state").last).to_have_text("saved", timeout=15_000)


def _open(page: Page, subject: str) -> None:
    page.locator(".row", has_text=subject).locator(".open").click()
    expect(page.locator("h1#subject")).to_have_text(subject)


def _drop(target: Locator, name: str, kind: str) -> None:
    """Let go of a file over it."""
    target.evaluate(
        """(element, [name, kind, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name, { type: kind }));
            element.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [name, kind, list(PIXEL)],
    )


def _sent(account: Account, subject: str) -> Message:
    [found] = [one for one in Message.objects.filter(account=account, subject=subject) if one.author_address == account.login]
    assert not found.flags & Message.DRAFT
    return found


def _drafts(account: Account) -> list[Message]:
    return [one for one in Message.objects.filter(account=account).order_by("pk") if one.flags & Message.DRAFT]


def _content(message: Message) -> str:
    return store.content(message).decode()


def test_written_with_keys_alone_sent_undone_as_it_was_and_sent_once(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    expect(page.get_by_label("To: add people")).to_be_focused()
    page.keyboard.type("bob@elsewhere.example,")
    page.keyboard.press("Tab")
    page.get_by_label("Subject").focus()
    page.keyboard.type("Roof")
    page.keyboard.press("Enter")
    page.keyboard.type("Hi Bob,\nthe **offer** comes on Monday.")
    expect(page.locator(".rich b")).to_have_text("offer")
    _saved(page)

    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    expect(page.locator(".letter")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(".letter .rich")).to_be_focused()
    assert Envelope.objects.filter(account=alice).count() == 1
    page.keyboard.type(" Bye.")
    expect(page.locator(".rich")).to_contain_text("the offer comes on Monday. Bye.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter")).to_have_count(0)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator(".toast.sending")).to_contain_text("Sent.")

    text = _content(_sent(alice, "Roof"))
    assert "<b>offer</b>" in text
    assert "the offer comes on Monday. Bye." in text
    assert "class=" not in text


def test_the_right_person_is_first_and_a_dropped_picture_goes_inside_the_text(enter: Enter, alice: Account) -> None:
    for n in range(3):
        conversation(alice, f"To Ana {n}", Letter(ME, "Hello.", to="Ana Roth <ana.roth@elsewhere.example>"))
    conversation(alice, "To Andrea", Letter(ME, "Hello.", to="Andrea Kim <andrea@elsewhere.example>"))
    page = enter()
    page.keyboard.press("c")
    page.keyboard.type("an")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(page.get_by_role("option").first).to_contain_text("Ana Roth")
    page.keyboard.press("Enter")
    expect(page.locator(".person")).to_have_text("Ana Roth")
    page.get_by_label("Subject").fill("Photo")
    page.locator(".rich").click()
    page.keyboard.type("Look: ")
    _drop(page.locator(".rich"), "roof.png", "image/png")
    expect(page.locator(".rich img")).to_be_visible()
    page.locator(".letter input[type=file]").first.set_input_files(
        {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
    )
    expect(page.locator(".letter-files li")).to_have_text(["offer.pdf6 B"])
    _saved(page)
    page.keyboard.type("!")
    _saved(page)  # under the names that the files have since the saving before
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    text = _content(_sent(alice, "Photo"))
    assert "multipart/related" in text
    assert "Content-Disposition: inline" in text
    assert 'src="cid:' in text.replace("=\r\n", "").replace("=3D", "=")
    assert "offer.pdf" in text


def test_plain_mail_is_answered_in_plain_text_under_the_message_with_its_quotation_folded(page: Page, alice: Account) -> None:
    _open(page, REPLY)
    page.keyboard.press("r")
    letter = page.locator(".conversation .letter")
    expect(letter.locator("textarea.text-area")).to_be_focused()
    expect(letter.locator(".person")).to_have_text("Ana Silva")
    expect(letter.locator(".quote-toggle")).to_be_visible()
    page.keyboard.type("I call the roofer.")
    page.keyboard.press("Escape")
    expect(letter.locator("textarea.text-area")).to_have_value("I call the roofer.")
    letter.locator("textarea.text-area").focus()
    with page.expect_response(lambda found: "$answered" in (found.request.post_data or "")):
        page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    expect(page.locator(".conversation .letter")).to_have_count(0)
    sent = _sent(alice, "Re: Roof repair")
    text = _content(sent)
    assert "text/html" not in text
    assert "I call the roofer." in text
    assert "Ana Silva wrote:\r\n> Much." in text
    assert Message.objects.filter(thread_id=sent.thread_id).count() == 3
    assert Message.objects.get(account=alice, message_id=sent.in_reply_to).flags & Message.ANSWERED


def test_html_mail_is_answered_in_html_and_what_is_quoted_is_fetched_from_nowhere_and_runs_nothing(
    enter: Enter, alice: Account
) -> None:
    html = (
        '<p style="color:#336699;position:fixed">Hello <b>you</b></p>'
        '<img src="https://tracker.example/x.png" onerror="window.hacked=1">'
        "<script>window.hacked=1</script><style>body{display:none}</style>"
    )
    conversation(alice, "News", Letter(ANA, "Hello you", html=html, cc=f"{ME}, {BOB}"))
    page = enter()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _open(page, "News")
    page.keyboard.press("a")
    letter = page.locator(".letter")
    expect(letter.locator(".rich")).to_be_focused()
    expect(letter.locator(".person")).to_have_text(["Ana Silva", "Bob Roe"])
    page.keyboard.type("Thanks.")
    letter.locator(".quote-toggle").click()
    expect(letter.locator("blockquote")).to_contain_text("Hello you")
    expect(letter.locator("blockquote p")).to_have_css("color", "rgb(51, 102, 153)")
    expect(letter.locator("blockquote p")).to_have_css("position", "static")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    expect(letter.locator("blockquote p")).to_have_css("color", "rgb(51, 102, 153)")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    assert page.evaluate("window.hacked") is None
    assert not [url for url in asked if "tracker.example" in url]
    text = _content(_sent(alice, "Re: News")).replace("=\r\n", "").replace("=3D", "=")
    assert "Thanks." in text
    assert 'src="https://tracker.example/x.png"' in text
    assert "script" not in text
    page.complaints.clear()  # whom one has answered is trusted: the image is loaded through the server, which can't reach it


def test_a_letter_survives_a_page_that_is_killed_before_it_was_saved(page: Page, alice: Account) -> None:
    page.route(
        "**/jmap/api", lambda route: route.abort() if "Draft/save" in (route.request.post_data or "") else route.continue_()
    )
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Nearly lost")
    page.locator(".rich").click()
    page.keyboard.type("Here it is.")
    expect(page.locator(".letter-state")).to_have_text("not saved: no connection", timeout=15_000)
    tab = page.context.new_page()
    page.close()
    tab.goto("/")
    expect(tab.locator(".letter.folded")).to_contain_text("Nearly lost", timeout=15_000)
    tab.locator(".letter-title").click()
    expect(tab.locator(".rich")).to_have_text("Here it is.")
    _saved(tab)
    assert [one.subject for one in _drafts(alice)] == ["Nearly lost"]
    page.complaints.clear()


def test_two_pages_write_one_draft_and_both_versions_are_kept(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Ours")
    page.locator(".rich").click()
    page.keyboard.type("One.")
    _saved(page)
    [draft] = _drafts(alice)
    tab = page.context.new_page()
    tab.goto(f"/t/{draft.thread_id}?in=drafts")
    expect(tab.locator(".letter .rich")).to_have_text("One.")
    tab.locator(".letter .rich").click()
    tab.keyboard.press("End")
    tab.keyboard.type(" Two, on the phone.")
    _saved(tab)
    page.locator(".rich").click()
    page.keyboard.press("End")
    page.keyboard.type(" Two, at the desk.")
    expect(page.locator(".conflict")).to_contain_text("Changed elsewhere", timeout=15_000)
    page.get_by_role("button", name="Both").click()
    _saved(page)
    assert sorted(store.content(one).decode().partition("\r\n\r\n")[2].strip() for one in _drafts(alice)) == [
        "One. Two, at the desk.",
        "One. Two, on the phone.",
    ]


def test_what_may_be_a_slip_is_asked_once_and_what_cannot_be_sent_is_said(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Offer")
    page.locator(".rich").click()
    page.keyboard.type("The offer is attached.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter-notices")).to_have_text("To whom?")
    page.get_by_label("To: add people").fill("bob@gmial.com")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter-notices")).to_contain_text("You wrote “attached”.")
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator(".letter-notices")).to_contain_text("Did you mean bob@gmail.com?")
    page.get_by_role("button", name="Yes, change it").click()
    expect(page.locator(".person")).to_have_text("bob@gmail.com")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    assert Envelope.objects.get(account=alice).recipients.get().address == "bob@gmail.com"


def test_drafts_are_one_for_each_answer_are_closed_kept_and_discarded_with_undo(page: Page, alice: Account) -> None:
    _open(page, REPLY)
    page.keyboard.press("r")
    page.keyboard.type("Half a thought")
    _saved(page)
    page.get_by_role("button", name="Close, and keep the draft").click()
    expect(page.locator(".toast")).to_contain_text("Draft kept.")
    page.keyboard.press("r")
    expect(page.locator(".letter textarea")).to_have_value("Half a thought")
    expect(page.locator(".letter .quote-toggle")).to_be_visible()
    page.locator(".letter textarea").click()
    page.keyboard.press("Control+Shift+D")
    expect(page.locator(".letter")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Draft discarded.")
    page.locator(".toast button").click()
    expect(page.locator(".letter textarea")).to_have_value("Half a thought", timeout=10_000)
    assert len(_drafts(alice)) == 1


def test_on_a_phone_a_letter_fills_the_screen_and_is_sent_later_by_the_wall_clock(enter: Enter, alice: Account) -> None:
    page = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator(".fab").tap()
    letter = page.locator(".letter")
    expect(letter).to_be_visible()
    assert letter.bounding_box() == {"x": 0, "y": 0, **PHONE}
    expect(page.get_by_label("To: add people")).to_be_focused()
    page.keyboard.type("bob@elsewhere.example,")
    page.get_by_label("Subject").fill("Later")
    page.get_by_label("Send later").tap()
    page.get_by_role("button", name="Tomorrow").tap()
    expect(page.locator(".toast.sending")).to_contain_text("Will be sent")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert Submission.objects.get(account=alice).send_at > timezone.now() + timedelta(minutes=29)


def test_three_letters_are_open_while_one_reads_and_escape_only_folds_them(page: Page, alice: Account) -> None:
    for name in ("One", "Two", "Three"):
        page.keyboard.press("c")
        expect(page.get_by_label("To: add people").last).to_be_focused()
        page.get_by_label("Subject").last.fill(name)
        page.get_by_label("Subject").last.press("Escape")
        expect(page.locator(".letter:not(.folded)")).to_have_count(0)
    _open(page, REPLY)
    expect(page.locator(".letter.folded")).to_have_text(["One", "Two", "Three"])
    page.get_by_role("button", name="Two").click()
    expect(page.locator(".letter:not(.folded) .subject input")).to_have_value("Two")
    page.keyboard.press("Control+.")
    expect(page.get_by_label("Subject").last).to_have_value("Three")


def test_a_letter_has_a_window_of_its_own_and_its_sending_is_undone_from_the_other(page: Page, alice: Account) -> None:
    with page.expect_popup() as opened:
        page.keyboard.press("d")
    window = opened.value
    expect(window.get_by_label("To: add people")).to_be_focused()
    expect(window.locator(".top")).to_be_hidden()
    window.keyboard.type("bob@elsewhere.example,")
    window.get_by_label("Subject").fill("Apart")
    window.keyboard.press("Control+Enter")
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".letter .person")).to_have_text("bob@elsewhere.example")
    expect(page.get_by_label("Subject")).to_have_value("Apart")
    assert [one.subject for one in _drafts(alice)] == ["Apart"]


def test_markdown_is_undone_by_backspace_and_addresses_move_between_fields_by_keys(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    expect(page.get_by_label("To: add people")).to_be_focused()
    page.keyboard.type("bob@elsewhere.example,")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-field=cc] .person")).to_be_focused()
    expect(page.locator("[data-field=to] .person")).to_have_count(0)
    page.locator(".rich").click()
    page.keyboard.type("a **b**")
    expect(page.locator(".rich b")).to_have_text("b")
    page.keyboard.press("Backspace")
    expect(page.locator(".rich")).to_have_text("a **b**")
    expect(page.locator(".rich b")).to_have_count(0)
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+Shift+8")
    expect(page.locator(".rich li")).to_have_text(["a **b**"])
    page.keyboard.press("Control+b")
    expect(page.locator(".rich li b")).to_have_text("a **b**")


def _held_back(page: Page) -> list[Route]:
    """Uploads that the server does not get until the test lets them."""
    held: list[Route] = []
    page.route("**/jmap/upload/**", lambda route: held.append(route))
    return held


def test_closing_waits_for_files_that_are_uploaded_and_stops_a_sending_that_waits_for_them(page: Page, alice: Account) -> None:
    held = _held_back(page)
    page.keyboard.press("c")
    page.get_by_label("To: add people").fill("bob@elsewhere.example,")
    page.get_by_label("Subject").fill("With a roof")
    page.locator("input[type=file][multiple]").set_input_files(IMAGE)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".letter-notices")).to_contain_text("as soon as the files are uploaded")
    page.get_by_role("button", name="Close, and keep the draft").click()
    expect(page.locator(".letter.folded")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator(".toast")).to_contain_text("Draft kept.")
    expect(page.locator(".letter")).to_have_count(0)
    [draft] = _drafts(alice)
    assert "roof.png" in _content(draft)
    assert not Submission.objects.filter(account=alice).exists()


def test_a_file_that_was_being_uploaded_when_the_page_was_killed_comes_along_later(page: Page, alice: Account) -> None:
    held = _held_back(page)
    page.keyboard.press("c")
    page.get_by_label("Subject").fill("Cut off")
    page.locator("input[type=file][multiple]").set_input_files(IMAGE)
    _saved(page)
    assert held
    tab = page.context.new_page()
    page.close()
    tab.goto("/")
    expect(tab.locator(".letter.folded")).to_contain_text("Cut off", timeout=15_000)
    tab.locator(".letter-title").click()
    _saved(tab)
    tab.get_by_role("button", name="Close, and keep the draft").click()
    expect(tab.locator(".toast")).to_contain_text("Draft kept.")
    assert [one for one in _drafts(alice) if "roof.png" in _content(one)]


def test_keys_on_a_button_of_the_letter_leave_the_mail_behind_it_alone(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    expect(page.get_by_label("To: add people")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Subject")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Bcc", exact=True)).to_be_focused()
    rows = page.locator(".row").count()
    for key in ("e", "#", "x", "j", "g", "d"):
        page.keyboard.press(key)
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(".row")).to_have_count(rows)
    expect(page.locator(".row[aria-selected=true]")).to_have_count(0)
    page.get_by_role("button", name="Bcc", exact=True).click()
    expect(page.get_by_label("Bcc: add people")).to_be_focused()


def _half_an_answer(page: Page) -> None:
    """A conversation with a draft that answers it, as another page left it."""
    _open(page, REPLY)
    page.keyboard.press("r")
    page.keyboard.type("Half a thought")
    _saved(page)


def test_a_draft_is_shown_under_its_conversation_without_the_focus_and_goes_on_with_r(page: Page, alice: Account) -> None:
    _half_an_answer(page)
    page.goto("/")
    _open(page, REPLY)
    expect(page.locator(".letter textarea")).to_have_value("Half a thought")
    page.wait_for_timeout(200)
    expect(page.locator(".letter textarea")).not_to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(".letter textarea")).to_be_focused()
    page.goto("/")
    _open(page, REPLY)
    expect(page.locator(".letter textarea")).to_have_value("Half a thought")
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_be_visible()
    assert len(_drafts(alice)) == 1


def test_on_a_phone_a_draft_is_not_over_the_mail_that_it_answers(enter: Enter, alice: Account) -> None:
    _half_an_answer(enter())
    page = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    page.locator(".row", has_text=REPLY).locator(".open").tap()
    expect(page.locator("h1#subject")).to_have_text(REPLY)
    draft = page.locator(".message", has=page.locator(".draft"))
    expect(draft).to_contain_text("Half a thought")
    expect(page.locator(".letter")).to_have_count(0)
    draft.locator(".fold").tap()
    draft.get_by_role("button", name="Go on writing").tap()
    expect(page.locator(".letter textarea")).to_have_value("Half a thought")


def _is_answered(message: Message) -> bool:
    message.refresh_from_db()
    return bool(message.flags & Message.ANSWERED)


def test_a_message_is_answered_when_its_answer_is_accepted_and_no_more_when_that_is_undone(page: Page, alice: Account) -> None:
    _open(page, REPLY)
    page.keyboard.press("r")
    page.keyboard.type("Yes")
    _saved(page)
    parent = Message.objects.get(account=alice, message_id=_drafts(alice)[0].in_reply_to)
    with page.expect_response(lambda found: "$answered" in (found.request.post_data or "")):
        page.keyboard.press("Control+Enter")
    assert _is_answered(parent)
    expect(page.locator(".toast.sending")).to_contain_text("Sending in")
    with page.expect_response(lambda found: "$answered" in (found.request.post_data or "")):
        page.locator(".toast.sending").get_by_role("button", name="Undo").click()
    assert not _is_answered(parent)


def test_what_was_changed_after_a_sending_without_an_answer_is_a_draft(page: Page, alice: Account) -> None:
    lost = []

    def lose(route: Route) -> None:
        if "EmailSubmission/set" not in (route.request.post_data or "") or lost:
            return route.fallback()
        lost.append(route.fetch().status)
        route.abort()

    page.keyboard.press("c")
    page.get_by_label("To: add people").fill("bob@elsewhere.example,")
    page.get_by_label("Subject").fill("Once")
    page.locator(".rich").click()
    page.keyboard.type("First.")
    _saved(page)
    page.route("**/jmap/api", lose)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter-notices")).to_contain_text("Couldn’t reach the server")
    page.locator(".rich").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Second.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".letter-notices")).to_contain_text("An earlier version of it was sent already.")
    _saved(page)
    assert lost == [200]
    assert Envelope.objects.filter(account=alice).count() == 1
    [draft] = _drafts(alice)
    assert "Second." not in _content(Message.objects.exclude(pk=draft.pk).get(account=alice, subject="Once"))
    assert "First. Second." in _content(draft)
    page.complaints.clear()


def test_an_empty_letter_is_not_kept_and_who_is_signed_out_is_told(page: Page, alice: Account) -> None:
    page.keyboard.press("c")
    page.locator(".rich").click()
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    page.wait_for_timeout(400)
    tab = page.context.new_page()
    page.close()
    tab.goto("/")
    expect(tab.locator(".row").first).to_be_visible()
    tab.route(
        "**/jmap/api",
        lambda route: route.fulfill(status=401) if "Draft/save" in (route.request.post_data or "") else route.fallback(),
    )
    tab.keyboard.press("c")
    tab.get_by_label("Subject").fill("Late")
    expect(tab.locator(".letter")).to_have_count(1)
    expect(tab.get_by_role("alert")).to_contain_text("You are signed out.", timeout=15_000)
