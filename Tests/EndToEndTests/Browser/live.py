"""What one watches is whole, whatever happens meanwhile: tabs that come and go, a reload, a lost network, other chats, and what is written while a message is sent."""
import socket, sys, threading
import faces
from faces import ask, browser, expect, foreign_page, page_of, server, shot, sign_in


class Line:
    """A line between browser and server that can be cut."""

    def __init__(self, target):
        self.target, self.port, self.ends = target, 0, []
        self.mend()

    def mend(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        for end in (self.listener, *self.ends):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.ends = []

    def accept(self, listener):
        while True:
            try:
                near = listener.accept()[0]
                far = socket.create_connection(self.target)
            except OSError:
                return
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


line = Line(("127.0.0.1", int(server.rsplit(":", 1)[1])))
faces.server = f"http://127.0.0.1:{line.port}"
home = foreign_page(sys.argv[4])
TEXT = " ".join(str(number) for number in range(1, 61))
LINES = [f"line {number}" for number in range(1, 81)]


def answers(page):
    return page.locator(".answer .prose")


def begin(page, text):
    page.get_by_role("button", name="New chat").click()
    ask(page, text)


def whole(page):
    """Each line of the command once, in their order."""
    expect(page.get_by_text("That was it.")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    seen = page.get_by_role("region", name="Output").locator("pre").inner_text().split("\n")
    assert [line for line in seen if line != ""] == LINES, seen


def approve(page):
    page.get_by_label("Your decision is needed").get_by_role("button", name="Approve", exact=True).click()


with browser() as context:
    context.complaints.home = home
    page = page_of(context)
    page.goto(home)
    page.get_by_role("button", name="Open the assistant").click()
    sign_in(page)

    # Loaded anew between two words, twice: each word once.
    begin(page, "Count, and I reload.")
    for word in ("1 2 3", "20 21 22"):
        expect(answers(page).first).to_contain_text(word)
        page.reload()
    expect(page.get_by_label("Your decision is needed")).to_be_visible()
    expect(answers(page).first).to_have_text(TEXT)

    # A second tab joins a command that runs; the first, which reads for both, is closed; a third joins then.
    approve(page)
    output = page.get_by_role("region", name="Output")
    expect(output).to_contain_text("line 8")
    tabs = []
    for _ in range(2):
        with page.expect_popup() as opened:
            page.evaluate("void window.open(location.href)")
        context.complaints.watch(opened.value)
        expect(opened.value.get_by_role("region", name="Output")).to_contain_text("line")
        tabs.append(opened.value)
    page.close()
    page = tabs[0]
    with page.expect_popup() as opened:
        page.evaluate("void window.open(location.href)")
    context.complaints.watch(opened.value)
    tabs.append(opened.value)
    for tab in tabs:
        whole(tab)
    shot(page, "live-lines")
    for tab in tabs[1:]:
        tab.close()

    # The network is lost in the middle of an answer, longer than some of it takes.
    context.complaints.quiet += ["ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_EMPTY_RESPONSE", "ERR_SOCKET"]
    begin(page, "Count, and I lose the network.")
    expect(answers(page).first).to_contain_text("1 2 3")
    line.cut()
    expect(page.get_by_text("No connection to the server.")).to_be_visible()
    before = answers(page).first.inner_text()
    assert before.startswith("1 2 3") and len(before) < len(TEXT), before
    page.wait_for_timeout(1_500)
    line.mend()
    expect(answers(page).first).to_have_text(TEXT)
    expect(page.get_by_text("No connection to the server.")).to_have_count(0)
    # The same while its command runs.
    approve(page)
    expect(page.get_by_role("region", name="Output")).to_contain_text("line 8")
    line.cut()
    expect(page.get_by_text("No connection to the server.")).to_be_visible()
    line.mend()
    whole(page)
    context.complaints.quiet.clear()

    # Two chats at work, looked at in turn as quickly as one can press: nothing of one gets into the other.
    begin(page, "The first of two.")
    expect(answers(page).first).to_contain_text("1 2 3")
    begin(page, "The second of two.")
    expect(answers(page).first).to_contain_text("1 2 3")
    for turn in range(12):
        page.get_by_role("button", name="Chats", exact=True).click()
        name = "The first of two." if turn % 2 == 0 else "The second of two."
        page.locator(".history-open").filter(has_text=name).click()
        expect(page.locator(".said > span")).to_have_text([name])
    expect(answers(page).first).to_have_text(TEXT)
    expect(page.locator(".said > span")).to_have_text(["The second of two."])
    page.get_by_role("button", name="Chats", exact=True).click()
    page.locator(".history-open").filter(has_text="The first of two.").click()
    expect(page.locator(".said > span")).to_have_text(["The first of two."])
    expect(answers(page).first).to_have_text(TEXT)

    # What is written while a message is on its way is the next message's.
    page.get_by_role("button", name="New chat").click()
    held = []
    page.route("**/turns", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    box = page.get_by_label("Message to the assistant")
    ask(page, "Sent slowly.")
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    box.press("End")
    box.type(" And more.")
    expect(box).to_have_value("Sent slowly. And more.")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(box).to_have_value(" And more.")
    expect(page.locator(".said > span")).to_have_text(["Sent slowly."])
    page.unroute("**/turns")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("You stopped it.")).to_be_visible()

    # A stream that is never answered is asked for once more: what is asked meanwhile is seen all the same.
    hung = []

    def hang(route):
        if len(hung) < 1:
            hung.append(route)
        else:
            route.continue_()

    page.route("**/v1/events?*", hang)
    begin(page, "Is anybody there?")
    expect(page.locator(".said > span")).to_have_text(["Is anybody there?"])
    assert len(hung) == 1
    expect(answers(page).first).to_have_text(TEXT)
    page.unroute("**/v1/events?*")
print("all of it holds")
