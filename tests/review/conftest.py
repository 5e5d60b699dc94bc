"""The warehouse with history that the tests of parity and of restatements look at."""

import pytest

from tests.review import history


@pytest.fixture(scope="session")
def story(tmp_path_factory):
    return history.story_in(tmp_path_factory.mktemp("history"))
