"""One definition of an e-mail address, for entry and for delivery."""

from __future__ import annotations

import pytest

from foundation.addresses import address_of, fault_of, is_address, on_the_wire, same_address


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("info@医院.中国", "info@xn--ekrs67m.xn--fiqs8s"),
        ("info@医院。中国", "info@xn--ekrs67m.xn--fiqs8s"),
        ("info@xn--ekrs67m.xn--fiqs8s", "info@xn--ekrs67m.xn--fiqs8s"),
        (" ａ@example.cn\u202c", "a@example.cn"),
        ("A.b+c_d-e@Example.CN", "A.b+c_d-e@Example.CN"),
    ],
)
def test_a_domain_may_be_of_any_script_and_goes_out_in_ascii(given: str, wire: str) -> None:
    assert fault_of(given) == ""
    assert on_the_wire(given) == wire
    assert is_address(address_of(given))


@pytest.mark.parametrize(
    "given",
    [
        *(
            "",
            "a",
            "@x.cn",
            "a@",
            "a@x",
            "a..b@x.cn",
            ".a@x.cn",
            "a.@x.cn",
            "张三@x.cn",
            "a b@x.cn",
            "a@x..cn",
            "a@-x.cn",
        ),
        *(
            "a@x_y.cn",
            "a@1.2.3.4",
            "a@b@x.cn",
            "a@x.cn;b@x.cn",
            "a@x.cn\r\nBcc: b@x.cn",
            f"{'a' * 65}@x.cn",
            "a@\u2603-.cn",
        ),
        f"a@{'长' * 60}.cn",
    ],
)
def test_what_cannot_be_written_to_is_refused_without_repeating_it(given: str) -> None:
    assert fault_of(given)
    assert len(given) < 5 or given not in fault_of(given)


def test_two_ways_to_write_one_address_are_one() -> None:
    assert same_address("Info@医院.中国") == same_address("info@xn--ekrs67m.xn--fiqs8s ")
