"""What mail servers write when a mail did not arrive, in the languages in which they write. One phrase a line."""

from __future__ import annotations

from amity.channels.mime.report_words import any_of

SUBJECT = any_of(r"""
    undeliver(?:able|ed)
    delivery (?:status notification|fail(?:ure|ed)|has failed|problem|report|delayed|notification|subsystem)
    delivery attempts? (?:for|failed)
    returned (?:mail|to sender|e-?mail)
    failure (?:notice|delivery)
    failed (?:mail|delivery)
    mail (?:delivery (?:fail|system|problem|status)|system error|could not be|status report)
    non[\s-]?deliver
    (?:message|mail) (?:you sent |not |was not |delivery )?(?:delivered|blocked|undeliverable|delayed)
    warning: (?:could not send|message)
    delayed mail
    unzustellbar
    nicht zu(?:ge)?stell(?:bar|t)
    (?:fehler|probleme?) (?:bei|beim|mit) (?:der |ihrer )?(?:nachrichten)?(?:zustellung|übermittlung|versand)
    zustell(?:ung|fehler|bericht|problem)
    (?:mail|nachricht) konnte nicht
    rücksendung
    fehlgeschlagen
    non (?:remis|distribu)
    échec de (?:la )?(?:remise|distribution|livraison|l['’]envoi)
    avis de non[\s-]remise
    retourné à l['’]expéditeur
    no (?:se )?(?:ha )?(?:podido |pudo )?entrega
    fallo?s? (?:en|de) (?:la )?entrega
    error (?:en|de) (?:la )?entrega
    devuelto
    mancato recapito
    impossibile recapitare
    mancata consegna
    onbestelbaar
    niet (?:te bezorgen|bezorgd|afgeleverd)
    falha (?:na|de) entrega
    não entregue
    nie ?dostarcz
    не ?доставлен
    toimittamatta
    olevereras
    kan inte levereras
    ikke leveres?
    配信(?:不能|失敗|エラー)
    退信
""")
FAILED = any_of(r"""
    (?:could|can|was|were|been|is|did) ?(?:n['o]t|not) (?:be |been |able to be |able to )?deliver
    (?:could|can|was|were|been|is|did) ?(?:n['o]t|not) (?:be |been )?(?:reach|sent)
    (?:wasn|couldn|isn)['’]t (?:be )?(?:delivered|deliver)
    unable to (?:deliver|relay|send|be delivered)
    undeliver(?:able|ed)
    delivery (?:has )?(?:to the following \w+ (?:has )?)?(?:permanently )?failed
    failed (?:to deliver|permanently|recipient)
    permanent (?:fatal )?(?:error|failure)
    not reach (?:the following|some or all)
    did not reach
    returned to (?:the )?sender
    non-?delivery
    addresses? (?:failed|had (?:permanent|transient))
    fatal errors?
    address (?:not found|rejected)
    delivery to …failed
    has not (?:yet )?been delivered
    not been able to deliver
    giving up on
    not listed in
    nicht (?:an …)?(?:zu(?:ge)?stell(?:t|en|bar)|übermittelt|erreicht|ausgeliefert|gesendet)
    unzustellbar
    (?:zustellung|übermittlung)\w*…(?:fehlgeschlagen|gescheitert|nicht möglich)
    fehler bei der
    n['’](?:a|ont) (?:pas )?(?:pu (?:être )?|été )(?:remis|livré|distribué|envoyé|délivré)
    n['’]a pas (?:pu|été)
    échec de (?:la )?(?:remise|distribution|livraison)
    impossible de (?:remettre|livrer|distribuer)
    (?:non|pas) (?:remis|distribué)
    no (?:se )?(?:ha )?(?:podido|pudo|puede) (?:ser )?(?:entrega|envia)
    no (?:fue|ha sido) entregad
    error (?:en|al) (?:la )?entreg
    fallo?s? (?:en|de) (?:la )?entrega
    impossibile (?:recapitare|consegnare)
    non (?:è stato )?(?:recapitat|consegnat)
    kon niet (?:worden )?(?:bezorgd|afgeleverd)
    não (?:pôde|foi) (?:ser )?entregue
    nie (?:został|można)\w* dostarcz
    не (?:может быть |было )?доставлен
    配信できません
    無法(?:傳|投)遞
    无法(?:传递|投递|送达)
""")
DELAYED = any_of(r"""
    this is a warning (?:message )?only
    (?:do not|don['’]t) need to resend
    has not yet been delivered
    (?:will|continue\w*|be) (?:be )?(?:to )?(?:retr(?:y|ied)|attempted) (?:for|until|again|delivery)
    (?:will|continue\w*|be) (?:to )?try(?:ing)? (?:for|until|again|delivery|to deliver)
    delivery (?:has been |is |was )?delayed
    could not send message for (?:past )?\d
    wird weiter versucht
    (?:zustellung|übermittlung) (?:ist |wurde |hat sich )?verzögert
    retardé
    retrasad
""")
# From here on a letter holds the mail that it returns, whose words are not the server's.
COPY = any_of(
    r"""
    below this line is a copy
    this is a copy of
    original message (?:headers?|follows|below|-)
    (?:your )?(?:original|returned|undelivered) (?:message|mail)(?: (?:follows|headers?))?[\x20\t]*:?[\x20\t]*-*$
    (?:the )?(?:header|body|text) of the original
    unsent message (?:follows|below)
    message header follows
    ursprüngliche nachricht
    kopie (?:der|ihrer) (?:original)?nachricht
    en-têtes? (?:du|de) message
    message original
    (?:encabezados? (?:de|del) )?mensaje original
    received: (?:from|by)
    return-path: <
    """,
    at_start=r"^[ \t>]*(?:-{2,}[ \t]*)?",
)
