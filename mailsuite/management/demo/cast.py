"""Who writes to whom in the demo: six members of example.org, and people elsewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address; members sign in with the password demo-<name>."""

    key: str
    name: str
    address: str

    @property
    def is_member(self) -> bool:
        return self.address.endswith("@example.org")

    @property
    def password(self) -> str:
        return f"demo-{self.key}"


MEMBERS = [
    Person("alice", "Alice Moreau", "alice@example.org"),
    Person("bob", "Bob Roe", "bob@example.org"),
    Person("chidi", "Chidi Okafor", "chidi@example.org"),
    Person("dana", "Dana Lindqvist", "dana@example.org"),
    Person("emre", "Emre Yıldız", "emre@example.org"),
    Person("fumiko", "Fumiko Tanaka", "fumiko@example.org"),
]
ELSEWHERE = [
    Person("carol", "Carol Diaz", "carol@elsewhere.example"),
    Person("dan", "Dan Wu", "dan.wu@roofs.example"),
    Person("haus", "Haus & Technik Brandt", "service@haus-brandt.example"),
    Person("lea", "Léa Fontaine", "lea.fontaine@courrier.example"),
    Person("yuki", "佐藤ゆき", "yuki@yubin.example"),
    Person("oksana", "Оксана Коваль", "oksana@poshta.example"),
    Person("ines", "Inés Herrera", "ines.herrera@correo.example"),
    Person("nadim", "نديم خوري", "nadim@barid.example"),
    Person("wei", "王伟", "wei.wang@youjian.example"),
    Person("pfarramt", "St. Anna parish office", "office@st-anna.example"),
    Person("stadtwerke", "Municipal energy service", "service@stadtwerke.example"),
    Person("praxis", "Practice Dr. Albers", "termine@praxis-albers.example"),
    Person("svensson", "Karin Svensson", "karin.svensson@university.example"),
]
CAST = {person.key: person for person in [*MEMBERS, *ELSEWHERE]}
