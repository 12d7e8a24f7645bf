"""What tests of post-mortems share: a third person, who neither wrote one nor approves it, and may moderate."""

import pytest

PLATFORM = "catalogue/teams/platform.yaml"


@pytest.fixture
def console(console):
    console.store.write("catalogue/people/kim.yaml", "name: Kim Beispiel\nemails: [kim@example.org]\n")
    console.store.write(PLATFORM, console.store.read(PLATFORM).replace("[ada, noor]", "[ada, noor, kim]"))
    console.store.commit("Kim")
    return console
