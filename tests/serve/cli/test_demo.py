"""``catchlight demo`` from end to end, with the shipped detector."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from catchlight.serve.cli.main import main


@pytest.mark.slow
def test_demo_judges_three_media_and_writes_the_page(tmp_path):
    result = CliRunner().invoke(main, ["demo", "--out", str(tmp_path / "demo")])
    assert result.exit_code == 0, result.output
    page = (tmp_path / "demo" / "report.html").read_text()
    for name in ("real-photograph.jpg", "forged-photograph.jpg", "real-clip.mp4"):
        assert name in page
    assert page.count("data:image/") >= 3
