"""Accessibility checks of the widget: names, roles, contrast, targets, focus and width of what is to be seen now."""

WALK = """frame => {
    const faults = [];
    const say = (what, one) => faults.push(`${what}: ${one.outerHTML.slice(0, 140)}`);
    const all = [...frame.querySelectorAll('*')];
    const isSeen = (one) => {
        const box = one.getBoundingClientRect();
        // What is folded away has a box, too, and colours of before.
        return box.width > 0 && box.height > 0 && one.checkVisibility({ visibilityProperty: true });
    };
    const root = frame.getRootNode();
    const nameOf = (one) => {
        const by = (one.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean).map((id) => root.getElementById(id)?.textContent || '').join(' ');
        return (by || one.getAttribute('aria-label') || [...(one.labels || [])].map((label) => label.textContent).join(' ')
            || (one.matches('input, select, textarea') ? '' : one.textContent)).trim();
    };
    const color = (text) => {
        const match = /^rgba?\\(([^)]+)\\)$/.exec(text);
        if (match) { const parts = match[1].split(/[ ,/]+/).map(Number); return parts.length === 3 ? [...parts, 1] : parts; }
        const other = /^color\\(srgb ([^)]+)\\)$/.exec(text);
        if (!other) return [0, 0, 0, 0];
        const parts = other[1].split(/[ /]+/).map(Number);
        return [parts[0] * 255, parts[1] * 255, parts[2] * 255, parts[3] ?? 1];
    };
    const over = (front, back) => front.slice(0, 3).map((value, at) => value * front[3] + back[at] * (1 - front[3])).concat(1);
    const ground = (one) => {
        const layers = [];
        for (let at = one; at; at = at.parentElement || (at.getRootNode().host ?? null)) {
            const layer = color(getComputedStyle(at).backgroundColor);
            if (layer[3] > 0) layers.push(layer);
            if (layer[3] === 1) break;
        }
        return layers.reverse().reduce((back, front) => over(front, back), [255, 255, 255, 1]);
    };
    const light = (value) => { const part = value / 255; return part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; };
    const luminance = (rgb) => .2126 * light(rgb[0]) + .7152 * light(rgb[1]) + .0722 * light(rgb[2]);
    const ids = new Set();
    for (const one of all) {
        if (one.id) { if (ids.has(one.id)) say('id twice', one); ids.add(one.id); }
        if (one.tabIndex > 0) say('focus order of its own', one);
        if (one.tagName === 'IMG' && !one.hasAttribute('alt')) say('no alt', one);
        if (!isSeen(one)) continue;
        if (one.matches('button, a[href], input, select, textarea, [role=button]')) {
            if (nameOf(one) === '') say('no name', one);
            if (one.closest('[aria-hidden=true]')) say('focus in what is hidden', one);
            const box = one.getBoundingClientRect();
            // Links in a sentence have the height of its lines (WCAG 2.2, 2.5.8).
            const isInline = one.tagName === 'A' && getComputedStyle(one).display.startsWith('inline');
            if (!isInline && !one.disabled && (box.height < 24 || box.width < 24)) say('small target', one);
        }
        if (one.matches('[role=dialog], [role=region], [role=group], nav, section') && !one.hasAttribute('aria-label') && !one.hasAttribute('aria-labelledby')) say('no label', one);
        if (one.matches('ul, ol') && [...one.children].some((child) => child.tagName !== 'LI')) say('a list of something else', one);
        const isText = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
        if (isText && !one.closest('.hidden, :disabled, option')) {
            const style = getComputedStyle(one);
            const back = ground(one);
            const [first, second] = [luminance(over(color(style.color), back)), luminance(back)].sort((a, b) => b - a);
            const ratio = (first + .05) / (second + .05);
            const size = parseFloat(style.fontSize);
            const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
            if (ratio < least) say(`contrast ${ratio.toFixed(2)}`, one);
        }
    }
    if (frame.scrollWidth > frame.clientWidth + 1) faults.push(`wider than its frame: ${frame.scrollWidth} > ${frame.clientWidth}`);
    const edge = frame.getBoundingClientRect();
    if (edge.left < -1 || edge.right > innerWidth + 1) faults.push('wider than the window');
    return faults;
}"""


def accessible(page, where):
    """No fault in what the widget shows now, in light and in dark, at its size, at 320 pixels and at 200 per cent."""
    frame = page.locator("deckhand-assistant .frame")
    size = page.viewport_size
    # A page of 1280 pixels at 200 per cent is laid out in 640.
    for width, height in ((size["width"], size["height"]), (640, 410), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            # Without motion nothing is caught half way from one colour to another.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function("""() => document.querySelector('deckhand-assistant').shadowRoot.getAnimations().length === 0""")
            faults = frame.evaluate(WALK)
            assert not faults, (where, width, scheme, faults[:6])
    page.emulate_media(color_scheme=None, reduced_motion=None)
    page.set_viewport_size(size)


def focus_order(page):
    """The keyboard reaches every control of the widget, in the order in which they stand."""
    order = page.evaluate("""() => {
        const frame = document.querySelector('deckhand-assistant').shadowRoot.querySelector('.frame');
        return [...frame.querySelectorAll('button, a[href], input, select, textarea')].filter((one) => one.offsetParent && !one.disabled).length;
    }""")
    seen = []
    page.evaluate("() => document.querySelector('deckhand-assistant').shadowRoot.querySelector('.frame button').focus()")
    for _ in range(order - 1):
        place = page.evaluate("""() => {
            const root = document.querySelector('deckhand-assistant').shadowRoot;
            return [...root.querySelectorAll('*')].indexOf(root.activeElement);
        }""")
        assert place >= 0, "the keyboard left the widget"
        seen.append(place)
        page.keyboard.press("Tab")
    assert seen == sorted(set(seen)), seen
