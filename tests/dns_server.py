"""A real DNS server for tests: UDP and TCP on one loopback port, records from a dict, faults on demand.

    with DnsServer({"example.org": {"MX": ["10 mx.example.org"], "TXT": ["v=spf1 mx -all"]}}) as server:
        server.host_port                                    # ("127.0.0.1", 40123), fit for settings.RESOLVER
        server.address                                      # "127.0.0.1:40123", fit for MAILSUITE_RESOLVER
        server.add("s1._domainkey.example.org", "TXT", "v=DKIM1; p=…")
        server.fail("elsewhere.example", "SERVFAIL")        # this name and all below it
        server.fail("", "SILENT")                           # every name: DNS is away
        server.heal()
        server.queries                                      # [("example.org", "MX"), …] in the order they came

Tests in this process take the fixture `nameserver`: a running server with an empty zone, and settings.RESOLVER names it.
TTLs are 0 unless `ttl` says otherwise, so that no answer outlives a change. From a shell: python -m tests.dns_server ZONE.json
"""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset
import pytest

Value = str | bytes | Sequence[bytes]
Zone = Mapping[str, Mapping[str, Sequence[Value]]]

SILENT = "SILENT"  # no answer at all
GARBAGE = "GARBAGE"  # bytes that are no DNS message
TRUNCATED = "TRUNCATED"  # over UDP only the TC bit; over TCP the truth
RCODES = ("SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "NXDOMAIN")
UDP_SIZE = 1232


class DnsServer:
    """Answers as a recursive resolver would: CNAMEs followed, NXDOMAIN for every name it does not have."""

    def __init__(self, zone: Zone | None = None, *, ttl: int = 0) -> None:
        self.ttl = ttl
        self.queries: list[tuple[str, str]] = []
        self._records: dict[str, dict[str, list[dns.rdata.Rdata]]] = {}
        self._faults: dict[str, str] = {}
        self._faults_by_type: dict[str, tuple[str, set[str]]] = {}
        self._lock = threading.Lock()
        for name, types in (zone or {}).items():
            for rdtype, values in types.items():
                self.add(name, rdtype, *values)

    def add(self, name: str, rdtype: str, *values: Value) -> None:
        """Add records in presentation form (`10 mx.example.org`); a TXT is its plain text, or a list of its strings."""
        with self._lock:
            found = self._records.setdefault(_key(name), {}).setdefault(rdtype, [])
            found.extend(_rdata(rdtype, value) for value in values)

    def remove(self, name: str, rdtype: str | None = None) -> None:
        """Take away the records of one type at a name, or the name."""
        with self._lock:
            if rdtype is None:
                self._records.pop(_key(name), None)
            else:
                self._records.get(_key(name), {}).pop(rdtype, None)

    def fail(self, name: str, how: str = "SERVFAIL") -> None:
        """From now on questions for this name, and for all names below it, end so: an RCODE, SILENT, GARBAGE or TRUNCATED."""
        assert how in (*RCODES, SILENT, GARBAGE, TRUNCATED), how
        self._faults[_key(name)] = how

    def fail_type(self, name: str, how: str, *, except_types: set[str]) -> None:
        """As `fail`, for this very name and only for the types it has no records of."""
        self._faults_by_type[_key(name)] = (how, except_types)

    def heal(self, name: str | None = None) -> None:
        """End the fault of one name, or all faults."""
        if name is None:
            self._faults.clear()
            self._faults_by_type.clear()
        else:
            self._faults.pop(_key(name), None)
            self._faults_by_type.pop(_key(name), None)

    @property
    def host_port(self) -> tuple[str, int]:
        return self._udp.server_address[0], self._udp.server_address[1]

    @property
    def address(self) -> str:
        return "{}:{}".format(*self.host_port)

    def __enter__(self) -> Self:
        self._udp, self._tcp = _bind(self)
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, wire: bytes, *, tcp: bool) -> bytes | None:
        """The reply to a query, as bytes; None is silence."""
        query = dns.message.from_wire(wire)
        name, rdtype = _plain(query.question[0].name), dns.rdatatype.to_text(query.question[0].rdtype)
        self.queries.append((name, rdtype))
        fault = self._fault(name, rdtype)
        if fault == SILENT:
            return None
        if fault == GARBAGE:
            return wire[:2] + b"\xff" * 30
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.AA
        if fault in RCODES:
            response.set_rcode(dns.rcode.from_text(fault))
        elif fault == TRUNCATED and not tcp:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, query.question[0].name, rdtype)
        return self._fit(response, query, tcp)

    def _fault(self, name: str, rdtype: str) -> str | None:
        how, except_types = self._faults_by_type.get(name, (None, {rdtype}))
        if rdtype not in except_types:
            return how
        labels = name.split(".")
        return next((how for i in range(len(labels) + 1) if (how := self._faults.get(".".join(labels[i:])))), None)

    def _fill(self, response: dns.message.Message, name: dns.name.Name, rdtype: str) -> None:
        with self._lock:
            for _ in range(20):
                types = self._records.get(_plain(name), {})
                chased = "CNAME" if rdtype != "CNAME" and "CNAME" in types else rdtype
                if chased not in types:
                    break
                response.answer.append(dns.rrset.from_rdata_list(name, self.ttl, types[chased]))
                if chased == rdtype:
                    return
                name = types["CNAME"][0].target
            if not self._exists(_plain(name)):
                response.set_rcode(dns.rcode.NXDOMAIN)
            soa = f"ns.invalid. hostmaster.invalid. 1 3600 600 86400 {self.ttl}"
            response.authority.append(dns.rrset.from_text(".", self.ttl, "IN", "SOA", soa))

    def _exists(self, name: str) -> bool:
        return any(known == name or known.endswith(f".{name}") for known in self._records)

    def _fit(self, response: dns.message.Message, query: dns.message.Message, tcp: bool) -> bytes:
        wire = response.to_wire(max_size=65535)
        if not tcp and len(wire) > UDP_SIZE:
            short = dns.message.make_response(query, recursion_available=True)
            short.flags |= dns.flags.TC
            wire = short.to_wire()
        return wire


def _key(name: str) -> str:
    return name.rstrip(".").lower()


def _plain(name: dns.name.Name) -> str:
    """A name as the zone writes it: bytes as characters, no escapes."""
    return _key(".".join(label.decode("latin-1") for label in name.labels))


def _rdata(rdtype: str, value: Value) -> dns.rdata.Rdata:
    if rdtype in ("TXT", "SPF"):
        data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
        strings = [data[i : i + 255] for i in range(0, len(data), 255)] or [b""] if isinstance(data, bytes) else list(data)
        return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), strings)
    assert isinstance(value, str)
    return dns.rdata.from_text("IN", rdtype, value, origin=dns.name.root, relativize=False)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535
    owner: DnsServer


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: DnsServer


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, channel = self.request
        if reply := self.server.owner.answer(wire, tcp=False):  # type: ignore[attr-defined]
            try:
                channel.sendto(reply, self.client_address)
            except OSError:  # the server was closed, or the asker is gone
                return


class _TcpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while len(length := self.rfile.read(2)) == 2:
            wire = self.rfile.read(struct.unpack("!H", length)[0])
            reply = self.server.owner.answer(wire, tcp=True)  # type: ignore[attr-defined]
            if reply is None:
                return
            self.wfile.write(struct.pack("!H", len(reply)) + reply)


def _bind(owner: DnsServer) -> tuple[_Udp, _Tcp]:
    for _ in range(50):
        udp = _Udp(("127.0.0.1", 0), _UdpHandler)
        try:
            tcp = _Tcp(udp.server_address, _TcpHandler)
        except OSError:  # another program has the same number for TCP
            udp.server_close()
            continue
        udp.owner = tcp.owner = owner
        udp.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        return udp, tcp
    raise OSError("no port is free for both UDP and TCP")


@pytest.fixture
def nameserver(settings: object) -> Iterator[DnsServer]:
    """A running DNS server with an empty zone, which settings.RESOLVER names."""
    with DnsServer() as server:
        settings.RESOLVER = server.host_port  # type: ignore[attr-defined]
        yield server


if __name__ == "__main__":
    with DnsServer(json.loads(Path(sys.argv[1]).read_text())) as running:
        print(running.address, flush=True)
        threading.Event().wait()
