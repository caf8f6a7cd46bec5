"""The words by which mail programs announce quoted text, in the languages that they speak."""

from __future__ import annotations

import re


def _words(*groups: str) -> str:
    return "|".join(re.escape(word) for group in groups for word in group.split("|"))


# "wrote" in the attribution line: the person may stand before or after it, the line ends in a colon or with it.
WROTE = re.compile(
    r"(?<!\w)(?:"
    + _words(
        "wrote|writes|sent|said|has written",  # English
        "schrieb|schreibt|hat geschrieben|geschrieben",  # German
        "a écrit|a ecrit|écrit|a envoyé",  # French
        "escribió|escribio|ha escrito",  # Spanish
        "escreveu|enviou|escribiu",  # Portuguese, Galician
        "ha scritto|scrive|scritto",  # Italian
        "schreef|heeft geschreven|het volgende geschreven",  # Dutch
        "napisał|napisała|napisał(a)|pisze",  # Polish
        "skrev|följande",  # Danish, Norwegian, Swedish
        "kirjoitti",  # Finnish
        "napsal|napsala|napsal(a)|napísal|napísal(a)",  # Czech, Slovak
        "ezt írta|írta",  # Hungarian
        "a scris",  # Romanian
        "написал|написала|написал(а)|пишет|пише|написав|написав(ла)|написа",  # Russian, Ukrainian, Bulgarian
        "έγραψε",  # Greek
        "şunu yazdı|yazdı",  # Turkish
        "va escriure|escrigué|idatzi du",  # Catalan, Basque
        "je napisao|je napisala|je napisal|је написао",  # Croatian, Slovene, Serbian
        "kirjutas|rakstīja|rašė",  # Estonian, Latvian, Lithuanian
        "menulis|đã viết|เขียนว่า|ने लिखा",  # Indonesian, Vietnamese, Thai, Hindi
        "כתב|כתבה|كتب|كتبت",  # Hebrew, Arabic
    )
    + r"|写道|寫道|写到|のメール|書きました|님이 작성|작성)(?!\w)",
    re.IGNORECASE,
)
# How such a line begins, where it begins with a preposition.
OPENER = re.compile(
    r"(?:"
    + _words(
        "On|Am|Le|El|Il|Em|Op|W dniu|Dnia|Den|På|Dne|Dňa|Pe|În|In data|Στις|Vào|Pada|Dana|Dne|A les|El dia|Il giorno"
        "|Il dì|Em data de|Em|No dia|Um|Ngày|Tarihinde|В|На|Ti|Kuupäeval|בתאריך|ב|في|在|于"
    )
    + r")(?:\s|(?=[\d\u0590-\u06ff]))",
    re.IGNORECASE,
)
TIME_OF_DAY = re.compile(
    r"(?<!\d)[0-2]?\d\s?[:.hH]\s?[0-5]\d(?!\d)|(?<!\w)\d{1,2}\s?(?:am|pm|Uhr)(?!\w)", re.IGNORECASE
)
FULL_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)",
)
ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")

_FROM = (
    "from|von|de|da|van|od|fra|från|lähettäjä|от|відправник|від|发件人|發件者|寄件者|差出人|보낸 사람|kimden|"
    "feladó|από|expéditeur|mittente|remitente|מאת|من"
)
_SENT = (
    "sent|date|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|fecha|data|inviato|"
    "verzonden|wysłano|sendt|dato|skickat|lähetetty|päivä|отправлено|дата|надіслано|odesláno|"
    "odoslané|发送时间|日期|寄件日期|送信日時|日時|날짜|보낸 날짜|gönderilme|tarih|elküldve|dátum|ημερομηνία|στάλθηκε|"
    "trimis|נשלח|تاريخ"
)
_TO = (
    "to|an|à|para|a|aan|do|til|till|vastaanottaja|кому|до|komu|收件人|收件者|宛先|받는 사람|kime|címzett|"
    "προς|către|אל|إلى|destinataire|destinatario|cc|copie|kopie|dw|kopia"
)
_SUBJECT = (
    "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|emne|ämne|aihe|тема|předmět|"
    "predmet|主题|主旨|件名|제목|konu|tárgy|θέμα|subiect|נושא|الموضوع"
)
_OTHER = (
    "reply-to|antwort an|importance|priority|attachments|anlagen|on behalf of|organization|bcc|message-id"
)

LABELS = {
    word: kind
    for kind, words in (
        ("from", _FROM),
        ("sent", _SENT),
        ("to", _TO),
        ("subject", _SUBJECT),
        ("other", _OTHER),
    )
    for word in words.split("|")
}
LABEL = re.compile(r"[*_\s]{0,8}([^\W\d_][^:：*\n]{0,24}?)\s{0,3}[*_]{0,2}\s{0,2}[:：]\s{0,3}[*_]{0,2}")

ORIGINAL_MESSAGE = re.compile(
    r"\W{0,8}[-_=*]{2,40}\s{0,4}(?:"
    + _words(
        "original message|original appointment|ursprüngliche nachricht|originalnachricht|message d'origine"
        "|message original|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht"
        "|wiadomość oryginalna|oryginalna wiadomość|oprindelig meddelelse|opprinnelig melding"
        "|ursprungligt meddelande|originalmeddelande|alkuperäinen viesti|исходное сообщение"
        "|původní zpráva|pôvodná správa|eredeti üzenet|özgün ileti|orijinal mesaj"
        "|原始邮件|原始郵件|元のメッセージ|원본 메시지|reply message"
    )
    + r")\s{0,4}[-_=*]{0,40}\s*$",
    re.IGNORECASE,
)
NAME_WROTE = re.compile(
    r"-{2,10}\s{1,3}\S.{0,80}?\s(?:wrote|schrieb|a écrit|escribió|ha scritto)\s{1,3}-{2,10}\s*$",
    re.IGNORECASE,
)
REPLY_ABOVE = re.compile(
    r"[\W_]{0,12}(?:(?:please\s)?(?:type|write|reply|respond)\s(?:your\s(?:reply|response|answer)\s)?above\sthis\sline"
    r"|reply\sabove\sthis\sline|bitte\s(?:schreiben|antworten).{0,30}oberhalb\sdieser\s(?:zeile|linie)"
    r"|répondez\sau-dessus\sde\scette\sligne|(?:escriba|responda)\s.{0,30}encima\sde\sesta\slínea)[\W_]{0,12}$",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"\W{0,4}(?:[-_=]{2,40}\s{0,4})?(?:"
    + _words(
        "forwarded message|begin forwarded message|start of forwarded message|weitergeleitete nachricht"
        "|anfang der weitergeleiteten nachricht|message transféré|début du message réexpédié|début du message transféré"
        "|mensaje reenviado|inicio del mensaje reenviado|mensagem encaminhada|início da mensagem encaminhada"
        "|messaggio inoltrato|inizio messaggio inoltrato|doorgestuurd bericht|begin doorgestuurd bericht"
        "|wiadomość przekazana|przekazana wiadomość|videresendt meddelelse|vidarebefordrat meddelande"
        "|välitetty viesti|пересылаемое сообщение|转发的邮件|轉寄郵件|転送されたメッセージ"
    )
    + r")\s{0,4}(?::|[-_=]{2,40})\s*$",
    re.IGNORECASE,
)

SENT_FROM = re.compile(
    r"[\W_]{0,4}(?:"
    r"sent\s(?:from|via|with|by|using)\s(?:my\s)?\S.{0,60}"
    r"|get\soutlook\sfor\s\w{3,10}.{0,60}"
    r"|via\smobile"
    r"|(?:von\s(?:meinem|unterwegs).{0,40}gesendet|gesendet\s(?:von|mit|über)\s.{1,60}|diese\snachricht\swurde\svon\smeinem\s.{1,60})"
    r"|envoyé\s(?:de|depuis|à\spartir\sde)\s.{1,60}|télécharger\soutlook\spour\s.{1,30}"
    r"|enviado\s(?:desde|do|de|a\spartir\sd[eo]|via|con)\s.{1,60}|obtener\soutlook\spara\s.{1,30}"
    r"|inviato\s(?:da|dal|con)\s.{1,60}|verzonden\s(?:vanaf|met|via)\s.{1,60}|verstuurd\svanaf\s.{1,60}"
    r"|wysłan[eoy]\s(?:z|za)\s.{1,60}|sendt\sfra\s.{1,60}|skickat\sfrån\s.{1,60}|lähetetty\s.{1,60}"
    r"|отправлено\s(?:с|из)\s.{1,60}|iphone(?:から送信|で送信)|从我的.{1,30}发送|發自我的.{1,30}|나의 .{1,30}에서 보냄"
    r")$",
    re.IGNORECASE,
)
