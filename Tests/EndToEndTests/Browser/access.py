"""Accessibility checks of whole pages: those of the widget's frame, width, and that one sees where the keyboard is."""
from app_access import WALK

# A page of 1280 pixels at 200 per cent is laid out in 640.
SIZES = ((1280, 820), (640, 410), (320, 640))

SIDEWAYS = """() => {
    const page = document.scrollingElement;
    const faults = page.scrollWidth > innerWidth + 1 ? [`the page is ${page.scrollWidth} wide, the window ${innerWidth}`] : [];
    for (const one of document.querySelectorAll('main, main *')) {
        const box = one.getBoundingClientRect();
        // What scrolls by itself may be wider inside.
        if (box.width > 0 && box.right > innerWidth + 1 && !one.closest('table, .table-frame, pre, .hidden, svg, .snippet')) {
            faults.push(`beyond the edge: ${one.outerHTML.slice(0, 120)}`);
        }
    }
    return faults;
}"""

# After a key the browser shows the focus that a script sets, too.
FOCUS = """() => {
    const look = (one) => [one, one.parentElement, one.parentElement?.parentElement].map((each) => {
        if (!each) return '';
        const style = getComputedStyle(each);
        return `${style.outlineStyle} ${style.outlineWidth} ${style.boxShadow}`;
    }).join('|');
    const open = document.querySelector('[role=dialog]') ?? document;
    const all = [...open.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
        .filter((one) => one.checkVisibility() && !one.disabled && one.getBoundingClientRect().width > 1);
    const faults = [];
    for (const one of all) {
        document.activeElement?.blur();
        const before = look(one);
        one.focus({ preventScroll: true });
        if (document.activeElement !== one) faults.push(`takes no focus: ${one.outerHTML.slice(0, 120)}`);
        else if (look(one) === before) faults.push(`focus is not seen: ${one.outerHTML.slice(0, 120)}`);
    }
    document.activeElement?.blur();
    return faults;
}"""


def accessible(page, where, focus=True):
    """No fault in what the page shows now: light and dark, at three widths; with the keyboard at the first."""
    first = page.viewport_size
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            # Without motion nothing is caught half way from one colour to another.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function("() => document.getAnimations().every((one) => one.playState === 'finished')")
            # A section without a name is no landmark (ARIA in HTML), and needs none; some fields are for password managers only.
            faults = [fault for fault in page.locator("body").evaluate(WALK)
                      if not fault.startswith("no label: <section") and 'class="hidden" type="text" autocomplete="username"' not in fault]
            faults += page.evaluate(SIDEWAYS)
            assert not faults, (where, width, scheme, faults[:6])
        if focus and width in (1280, 320):
            page.keyboard.press("Shift")
            page.keyboard.press("Tab")
            faults = page.evaluate(FOCUS)
            assert not faults, (where, width, faults[:6])
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    page.set_viewport_size(first)
