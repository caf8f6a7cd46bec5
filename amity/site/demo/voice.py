"""How people and colleagues write: a scene (what it is about) put into words for a channel and a mood."""

from __future__ import annotations

from random import Random

from amity.site.demo.grammar import Scene

MOODS = ("pleased", "neutral", "unhappy", "angry")


def _typo(rng: Random, text: str) -> str:
    """Two letters of one word change places, as they do on a phone."""
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if not places:
        return text
    place = rng.choice(places)
    word = words[place]
    cut = rng.randint(1, len(word) - 3)
    words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def _quick(rng: Random, text: str) -> str:
    """As typed in a hurry: small letters, no full stop."""
    if rng.random() < 0.45:
        text = text[0].lower() + text[1:]
    if rng.random() < 0.4:
        text = text.rstrip(".")
    return text


def _join(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)


def _mail(scene: Scene, body: str, name: str) -> str:
    greeting = scene.common("greet")
    closing = "" if scene.rng.random() < 0.12 else scene.common("close") + "\n"
    return f"{greeting}\n\n{body}\n\n{closing}{name}"


def opening(scene: Scene, situation: str, mood: str, channel: str, name: str) -> str:
    """The customer's first message about a situation."""
    rng = scene.rng
    if channel in ("post", "direct") and (channel == "post" or rng.random() < 0.3):
        colour = scene.common(mood) if mood == "angry" or rng.random() < 0.25 else ""
        text = _join([scene.about(situation, "short"), colour])
    else:
        core, ask = scene.about(situation, "core"), scene.about(situation, "ask")
        detail = scene.about(situation, "detail") if rng.random() < 0.75 else ""
        colour = scene.common(mood) if mood == "angry" or rng.random() < 0.8 else ""
        parts = [core, detail, colour, ask] if rng.random() < 0.75 else [core, colour, detail, ask]
        if channel in ("email", "community") and rng.random() < 0.2:
            parts.insert(2, scene.common("filler"))
        text = _join(parts)
        if channel == "email" and rng.random() < 0.15:
            text += "\n\n" + scene.common("also")
    return dress(scene, text, channel, name)


def dress(scene: Scene, text: str, channel: str, name: str) -> str:
    """A customer's words as that channel would carry them."""
    rng = scene.rng
    if rng.random() < 0.1:
        text = _typo(rng, text)
    if channel == "chat":
        return _quick(rng, text)
    if channel == "call":
        return f"Voicemail, {rng.randint(0, 2)}:{rng.randint(10, 59)}. {text}"
    if channel == "email":
        return _mail(scene, text, name)
    return text


def followup(scene: Scene, situation: str, mood: str, channel: str, name: str) -> str:
    """The customer goes on after our answer."""
    text = scene.about(situation, "more")
    if scene.rng.random() < 0.5:
        text = _join([text, scene.common("filler" if mood in ("neutral", "pleased") else mood)])
    return dress(scene, text, "direct" if channel == "call" else channel, name)


def reminder(scene: Scene, mood: str, channel: str, name: str) -> str:
    """The customer asks again because nobody answered."""
    text = _join([scene.common("still"), scene.common(mood) if mood in ("unhappy", "angry") else ""])
    return dress(scene, text, channel, name)


def gratitude(scene: Scene, channel: str, name: str) -> str:
    """The customer's last word, when it ended well."""
    text = scene.common("thanks")
    if channel == "email" and scene.rng.random() < 0.6:
        return f"{text}\n\n{name}"
    return dress(scene, text, "chat" if channel == "chat" else "direct", name)


def _reply_part(scene: Scene, situation: str) -> str:
    """Who named a serial number of another batch than 2241 hears that theirs is not affected."""
    is_other = not scene.facts.get("serial", "2241").startswith("2241")
    return "reply_other" if is_other and "reply_other" in scene.bank[situation] else "reply"


def answer(scene: Scene, situation: str, channel: str) -> str:
    """What a colleague replies. `{staff}`, `{given}` and `{name}` must be facts of the scene."""
    rng = scene.rng
    body = scene.about(situation, _reply_part(scene, situation))
    if channel == "post" and rng.random() < 0.45:
        return _join([scene.common("our_public"), scene.common("our_direct")])
    if channel == "post":
        return _join([scene.common("our_public"), body])
    if channel == "email":
        warm = scene.common("our_warm") if rng.random() < 0.6 else ""
        greeting = scene.common("our_greet")
        closing = scene.common("our_close")
        return f"{greeting}\n\n{_join([warm, body])}\n\n{closing}\n{scene.slot('staff_name')}\nTamp & Co"
    if channel == "call":
        return f"Call, {rng.randint(1, 11)}:{rng.randint(10, 59)}. {body}"
    after = scene.common("our_after") if rng.random() < 0.55 else ""
    if channel in ("review", "community"):
        return _join([body, after])
    return _join([scene.common("our_warm") if rng.random() < 0.4 else "", body, after])


def peer(scene: Scene, situation: str) -> str:
    """What another customer answers in the community."""
    after = scene.common("peer_after") if scene.rng.random() < 0.6 else ""
    return _join([scene.about(situation, "peer"), after])


def apology(scene: Scene, channel: str) -> str:
    """A colleague answers a reminder."""
    text = scene.common("sorry_late")
    return f"{text}\n\n{scene.slot('staff_name')}\nTamp & Co" if channel == "email" else text


def note(scene: Scene, situation: str) -> str:
    """A colleague writes to colleagues."""
    if "note" in scene.bank[situation]:
        return scene.about(situation, "note")
    return scene.common("note")


def quoted(scene: Scene, earlier: str) -> str:
    """The earlier message as a mail program quotes it below an answer."""
    lines = "\n".join("> " + line if line else ">" for line in earlier.split("\n"))
    return f"\n\n{scene.common('quote')}\n{lines}"
