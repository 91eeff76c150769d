"""Talks to a server through the official OpenAI SDK; prints one line for each thing that holds, fails at the first that does not.

Usage: sdk_check.py BASE_URL TOKEN LIMITED_TOKEN, against a server whose provider `script` plays the test's script.
"""
import asyncio
import sys

import openai
from openai import AsyncOpenAI, OpenAI
from openresponses_types import ResponseResource
from pydantic import BaseModel, TypeAdapter

base, token, limited = sys.argv[1:4]
client = OpenAI(base_url=base, api_key=token, max_retries=0)

MODEL = "talk/scripted"
CALLING = "call/scripted"
SHELL = "shell/scripted"
FORM = "form/scripted"
PICTURE = "data:image/png;base64,iVBORw0KGgo="
CHAT_TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "parameters": {
            "type": "object",
            "properties": {"at": {"type": "string"}},
            "required": ["at"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
TOOL = {"type": "function", **CHAT_TOOL["function"]}


def check(what, holds):
    if not holds:
        raise SystemExit(f"does not hold: {what}")
    print(what)


def raises(kind, code, body):
    try:
        body()
    except kind as error:
        check(f"{kind.__name__} {code}", error.code == code and error.request_id is not None)
        return error
    raise SystemExit(f"{kind.__name__} was not raised")


def models():
    ids = [model.id for model in client.models.list()]
    check("models are listed", {MODEL, CALLING, SHELL} <= set(ids))
    model = client.models.retrieve(MODEL)
    check("a model is retrieved", model.id == MODEL and model.owned_by == "talk")
    check("strict model", set(model.model_extra or {}) == set())
    raises(openai.NotFoundError, "model_not_found", lambda: client.models.retrieve("talk/other"))


def chat():
    messages = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    whole = client.chat.completions.create(model=MODEL, messages=messages)
    choice = whole.choices[0]
    check("a completion", choice.message.content == "Hé日" and choice.finish_reason == "stop")
    check("its usage", whole.usage.total_tokens == 12 and whole._request_id is not None)

    stream = client.chat.completions.create(
        model=MODEL, messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    check("a streamed completion", text == "Hé日")
    check("usage in the last chunk", chunks[-1].usage.total_tokens == 12 and not chunks[-1].choices)

    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    seen = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": parts}],
        max_tokens=16,
        stop=["."],
        temperature=0.2,
        response_format={"type": "json_object"},
        user="somebody",
        seed=7,
    )
    check("pictures and settings are taken", seen.choices[0].message.content == "Hé日")

    kinds = []
    with client.chat.completions.stream(model=MODEL, messages=messages) as helper:
        for event in helper:
            kinds.append(event.type)
        final = helper.get_final_completion()
    check("the stream helper", final.choices[0].message.content == "Hé日" and "content.done" in kinds)


def chat_tools():
    messages = [{"role": "user", "content": "Look"}]
    whole = client.chat.completions.create(model=CALLING, messages=messages, tools=[CHAT_TOOL])
    calls = whole.choices[0].message.tool_calls
    check("two calls", [c.function.name for c in calls] == ["look", "look"])
    check("no content beside calls", whole.choices[0].message.content is None)
    check("the reason is tool_calls", whole.choices[0].finish_reason == "tool_calls")

    kinds = []
    with client.chat.completions.stream(model=CALLING, messages=messages, tools=[CHAT_TOOL]) as helper:
        for event in helper:
            kinds.append(event.type)
        final = helper.get_final_completion().choices[0]
    parsed = [c.function.parsed_arguments for c in final.message.tool_calls]
    check("the helper's calls", parsed == [{"at": "日"}, {"at": "b"}] and final.finish_reason == "tool_calls")
    check("the helper's events", kinds.count("tool_calls.function.arguments.done") == 2)

    messages.append(final.message.model_dump(exclude_none=True, exclude={"parsed"}))
    for call in final.message.tool_calls:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": "ok"}]})
    after = client.chat.completions.create(model=CALLING, messages=messages, tools=[CHAT_TOOL])
    check("results go back", after.choices[0].message.content == "Both are fine.")


def responses():
    strict = TypeAdapter(ResponseResource)
    whole = client.responses.create(model=MODEL, input="Hi", store=False, include=[])
    check("a response", whole.output_text == "Hé日" and whole.status == "completed")
    check("its usage", whole.usage.total_tokens == 12 and whole.usage.output_tokens_details.reasoning_tokens == 1)
    check("nothing is stored", whole.store is False)
    raw = client.responses.with_raw_response.create(model=MODEL, input="Hi").http_response.json()
    strict.validate_python(raw)
    check("the Open Responses schema", True)

    events = list(client.responses.create(model=MODEL, input="Hi", stream=True))
    check("events are numbered", [e.sequence_number for e in events] == list(range(len(events))))
    check("first and last", (events[0].type, events[-1].type) == ("response.created", "response.completed"))
    deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    check("a streamed response", deltas == "Hé日" == events[-1].response.output_text)

    with client.responses.stream(model=MODEL, input="Hi") as helper:
        for _ in helper:
            pass
        final = helper.get_final_response()
    check("the helper's response", final.output_text == "Hé日")


def responses_tools():
    conversation = [{"role": "user", "content": "Look"}]
    with client.responses.stream(model=CALLING, input=conversation, tools=[TOOL]) as helper:
        kinds = [event.type for event in helper]
        final = helper.get_final_response()
    calls = [item for item in final.output if item.type == "function_call"]
    check("the helper's function calls", [c.arguments for c in calls] == ['{"at":"日"}', '{"at":"b"}'])
    check("the helper's argument events", "response.function_call_arguments.done" in kinds)
    conversation += [item.model_dump() for item in final.output]
    conversation += [{"type": "function_call_output", "call_id": c.call_id, "output": "ok"} for c in calls]
    after = client.responses.create(model=CALLING, input=conversation, tools=[TOOL])
    check("items go back as they came", after.output_text == "Both are fine.")
    strict = TypeAdapter(ResponseResource)
    strict.validate_python(
        client.responses.with_raw_response.create(
            model=CALLING, input="Look", tools=[TOOL], tool_choice="auto", reasoning={"effort": "low"}
        ).http_response.json()
    )
    check("the Open Responses schema with calls", True)


def shell():
    conversation = [{"role": "user", "content": "Run"}]
    tool = {"type": "shell", "environment": {"type": "local"}}
    events = list(client.responses.create(model=SHELL, input=conversation, tools=[tool], stream=True))
    kinds = [e.type for e in events]
    check("shell commands as events", kinds.count("response.shell_call_command.done") == 2)
    final = events[-1].response
    call = next(item for item in final.output if item.type == "shell_call")
    check("a shell call", call.action.commands == ["ls", "pwd"])
    conversation += [item.model_dump() for item in final.output]
    outputs = [{"stdout": "a\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}] * 2
    conversation.append({"type": "shell_call_output", "call_id": call.call_id, "output": outputs})
    after = client.responses.create(model=SHELL, input=conversation, tools=[tool])
    check("shell output goes back", after.output_text == "Done.")


class Weather(BaseModel):
    city: str
    degrees: int


def forms():
    ask = [{"role": "user", "content": "How is it in Oslo?"}]
    oslo = Weather(city="Oslo", degrees=7)
    whole = client.chat.completions.parse(model=FORM, messages=ask, response_format=Weather)
    check("a parsed completion", whole.choices[0].message.parsed == oslo)
    with client.chat.completions.stream(model=FORM, messages=ask, response_format=Weather) as helper:
        kinds = [event.type for event in helper]
        final = helper.get_final_completion()
    check("the helper's parsed completion", final.choices[0].message.parsed == oslo and "content.delta" in kinds)
    parsed = client.responses.parse(model=FORM, input=ask, text_format=Weather)
    check("a parsed response", parsed.output_parsed == oslo and parsed.text.format.type == "json_schema")
    with client.responses.stream(model=FORM, input=ask, text_format=Weather) as helper:
        final = helper.until_done().get_final_response()
    check("the helper's parsed response", final.output_parsed == oslo)


def choices():
    ask = [{"role": "user", "content": "Look"}]
    named = {"type": "function", "function": {"name": "look"}}
    for choice in ["required", "auto", named]:
        whole = client.chat.completions.create(
            model=CALLING, messages=ask, tools=[CHAT_TOOL], tool_choice=choice, parallel_tool_calls=True
        )
        check(f"tools with the choice {choice}", len(whole.choices[0].message.tool_calls) == 2)
    allowed = {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]}
    response = client.responses.create(
        model=CALLING, input="Look", tools=[TOOL], tool_choice=allowed, max_output_tokens=64, temperature=0.5
    )
    calls = [item for item in response.output if item.type == "function_call"]
    check("allowed tools", [c.name for c in calls] == ["look", "look"] and response.temperature == 0.5)


def pictures():
    parts = [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": PICTURE, "detail": "low"}]
    whole = client.responses.create(model=MODEL, input=[{"role": "user", "content": parts}])
    check("a picture in a response's input", whole.output_text == "Hé日")
    result = {"type": "function_call_output", "call_id": "c", "output": parts}
    call = {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"}
    after = client.responses.create(model=CALLING, input=[{"role": "user", "content": "Look"}, call, result], tools=[TOOL])
    check("a picture in a function's result", after.output_text == "Both are fine.")
    raises(
        openai.BadRequestError,
        "image_type_unsupported",
        lambda: client.responses.create(
            model=MODEL,
            input=[{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/tiff;base64,AAAA"}]}],
        ),
    )


def stored():
    whole = client.responses.create(model=MODEL, input="Hi", store=True)
    for what in [
        lambda: client.responses.retrieve(whole.id),
        lambda: client.responses.delete(whole.id),
        lambda: client.responses.cancel(whole.id),
        lambda: client.responses.input_items.list(whole.id),
    ]:
        raises(openai.NotFoundError, "response_not_found", what)


async def at_once():
    asking = AsyncOpenAI(base_url=base, api_key=token, max_retries=0)

    async def stream():
        events = await asking.responses.create(model=MODEL, input="Hi", stream=True)
        return "".join([e.delta async for e in events if e.type == "response.output_text.delta"])

    async def chunks():
        ask = [{"role": "user", "content": "Hi"}]
        chunks = await asking.chat.completions.create(model=MODEL, messages=ask, stream=True)
        return "".join([c.choices[0].delta.content or "" async for c in chunks if c.choices])

    said = await asyncio.gather(*[body() for body in [stream, chunks] * 8])
    check("sixteen streams at once", said == ["Hé日"] * 16)
    await asking.close()


def errors():
    ask = [{"role": "user", "content": "Hi"}]
    nobody = OpenAI(base_url=base, api_key="dh_wrong", max_retries=0)
    raises(openai.AuthenticationError, "invalid_token", lambda: nobody.models.list())
    poor = OpenAI(base_url=base, api_key=limited, max_retries=0)
    raises(
        openai.PermissionDeniedError,
        "permission_missing",
        lambda: poor.chat.completions.create(model=MODEL, messages=ask),
    )
    error = raises(
        openai.BadRequestError,
        "unsupported_parameter",
        lambda: client.chat.completions.create(model=MODEL, messages=ask, n=2),
    )
    check("the parameter is named", error.param == "n" and error.type == "invalid_request_error")
    raises(
        openai.BadRequestError,
        "previous_response_not_found",
        lambda: client.responses.create(model=MODEL, input="Hi", previous_response_id="resp_1"),
    )
    image = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
    raises(
        openai.BadRequestError,
        "invalid_image_url",
        lambda: client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [image]}]),
    )
    raises(
        openai.RateLimitError,
        "provider_rate_limited",
        lambda: client.chat.completions.create(model="busy/scripted", messages=ask),
    )
    try:
        list(client.chat.completions.create(model="broken/scripted", messages=ask, stream=True))
        raise SystemExit("a stream that breaks off raised nothing")
    except openai.APIError as error:
        check("a stream that breaks off", error.code == "provider_interrupted")
    raises(
        openai.BadRequestError,
        "invalid_value",
        lambda: client.chat.completions.create(model=MODEL, messages=ask, temperature=9),
    )
    try:
        with client.responses.stream(model="broken/scripted", input="Hi") as helper:
            helper.get_final_response()
        raise SystemExit("a helper whose stream breaks off raised nothing")
    except RuntimeError as error:
        check("a helper whose stream breaks off", "response.completed" in str(error))
    events = list(client.responses.create(model="broken/scripted", input="Hi", stream=True))
    check("a response that breaks off", events[-1].type == "response.failed")


for part in [models, chat, chat_tools, choices, forms, pictures, responses, responses_tools, stored, shell, errors]:
    part()
asyncio.run(at_once())
print("all of it holds")
