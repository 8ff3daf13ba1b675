"""Thunderbird: an account is set up, its folders come, letters are read, starred, filed, deleted, and heard of by IDLE."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.imapd.clients.marionette import Thunderbird
from tests.imapd.clients.scene import LOGIN, Scene
from tests.imapd.conftest import SECRET

pytestmark = [pytest.mark.system, pytest.mark.program("thunderbird"), pytest.mark.timeout(300)]
ACCOUNT = """
const [certificate, port, login, secret] = given;
Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(certificate, "CP,,");
const server = MailServices.accounts.createIncomingServer(login, "localhost", "imap");
server.port = port;
server.socketType = Ci.nsMsgSocketType.SSL;
server.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
server.password = secret;
server.valid = true;
server.loginAtStartUp = true;
const identity = MailServices.accounts.createIdentity();
identity.email = login;
const account = MailServices.accounts.createAccount();
account.addIdentity(identity);
account.incomingServer = server;
MailServices.accounts.defaultAccount = account;
server.performExpand(null);
const folders = () => server.rootFolder.descendants.map(one => one.URI);
return await until("the folders", () => folders().length >= given[4] && folders());
"""
FIND = """
const server = MailServices.accounts.defaultAccount.incomingServer;
const folder = name => server.rootFolder.descendants.find(one => one.onlineName === name || one.prettyPath === name);
const inbox = server.rootFolder.getChildNamed("INBOX");
const letter = subject => [...inbox.messages].find(one => one.subject === subject);
"""
READ = """
inbox.getNewMessages(null, null);
await until("all letters", () => [...inbox.messages].length >= given[0]);
return true;
"""
ACTS = """
inbox.markMessagesFlagged([letter("Letter 2")], true);
inbox.markMessagesRead([letter("Letter 1"), letter("Letter 3")], true);
const bring = (subject, name, move) => new Promise((well, badly) => MailServices.copy.copyMessages(
  inbox, [letter(subject)], folder(name), move, {onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() {},
  onStopCopy(status) { Components.isSuccessCode(status) ? well() : badly(status); }}, null, false));
await bring("Letter 4", given[0], true);
await bring("Letter 5", given[1], false);
await bring("Letter 8", "Trash", true);
return true;
"""
HEARS = "return await until(given[0], () => letter(given[0]) && true);"
MISSES = "return await until(given[0] + ' to go', () => !letter(given[0]));"


@pytest.fixture
def thunderbird(tmp_path: Path) -> Iterator[Thunderbird]:
    running = Thunderbird(tmp_path)
    yield running
    running.close()


def test_a_first_sync_a_tidy_hour_and_what_the_browser_did_meanwhile(scene: Scene, thunderbird: Thunderbird) -> None:
    encoded = "".join(line for line in scene.certificate.read_text().splitlines() if "---" not in line)
    folders = thunderbird.run(ACCOUNT, encoded, scene.server.imaps, LOGIN, SECRET, 12)
    assert len(folders) == 12  # six of everybody's, six labels; those that repeat what is elsewhere are not subscribed
    assert thunderbird.run(FIND + READ, 110)
    assert thunderbird.run(FIND + ACTS, "Rechnungen/2026/März", "日本語")
    scene.meanwhile()
    assert thunderbird.run(FIND + HEARS, "Letter 302")
    assert thunderbird.run(FIND + MISSES, "Letter 9")
    assert scene.names("Letter 4") == {"Rechnungen/2026/März", "Archive"}
    assert scene.names("Letter 5") == {"INBOX", "日本語"}
    assert scene.names("Letter 8") == {"Trash"}
    assert thunderbird.run(FIND + "return [...inbox.messages].length;") == scene.box("INBOX").total
    scene.one_of_each()
    scene.at_rest()
