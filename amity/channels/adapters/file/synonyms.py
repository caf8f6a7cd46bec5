"""What people call the columns of their exports, in English, German, Spanish and French."""

from __future__ import annotations

import re
from itertools import pairwise

from amity.channels.adapters.file.mapping import column_key

# Field, and the keys (see `column_key`) by which it is known. The order is the order of trust.
_NAMES: dict[str, str] = {
    "email": "email emailaddress emailadresse mail mailadresse correo correoelectronico correoelectrónico "
    "courriel adresseemail adressemail customeremail kundenemail emailkunde from fromemail sender senderemail "
    "absender expediteur expéditeur remitente requesteremail contactemail useremail buyeremail billingemail von de",
    "phone": "phone phonenumber telephone telefon telefonnummer telefono teléfono numerotelefono tel mobile "
    "mobilephone mobil mobilnummer handy handynummer movil móvil portable téléphone numérodetéléphone cell "
    "cellphone businessphone homephone workphone whatsapp msisdn billingphone",
    "handle": "handle username screenname user benutzername usuario utilisateur authorid authorhandle twitter "
    "twitterhandle account nutzer author autor auteur",
    "customer": "customerid customernumber customerno customer kundennummer kundennr kundenid kunde idcliente "
    "numerocliente clienteid cliente numéroclient numeroclient clientid idclient client userid accountid "
    "buyerid käufer kaufer comprador acheteur contactid memberid",
    "name": "name fullname displayname kundenname vollständigername nombrecompleto nomcomplet customername "
    "contactname requestername authorname fromname sendername reviewer reviewername buyername "
    "customer kunde kundin client cliente clienta cliënt buyer käufer comprador acheteur author autor auteur sender "
    "absender user",
    "given_name": "firstname givenname vorname nombre prénom prenom forename",
    "family_name": "lastname familyname surname nachname apellido apellidos nomdefamille nom familienname",
    "organisation": "company companyname organisation organization firma unternehmen empresa société societe "
    "entreprise organizationname unternehmensname firmenname associatedcompany",
    "job_title": "jobtitle jobposition jobbezeichnung stelle position titel beruf cargo puesto fonction poste role",
    "street": "street streetaddress straße strasse address adresse street1 address1 addressline1 anschrift "
    "straßehausnummer straßeundhausnummer calle direccion dirección rue via businessstreet homestreet billingaddress",
    "postcode": "postcode postalcode zip zipcode plz postleitzahl codigopostal códigopostal codepostal cap "
    "businesspostalcode homepostalcode billingpostcode",
    "region": "region state province bundesland stateregion provincia provinz kanton",
    "city": "city town ort stadt wohnort ciudad ville billingcity",
    "country": "country countrycode land landregion countryregion pais país pays billingcountry",
    "birthday": "birthday birthdate dateofbirth dob geburtsdatum geburtstag fechadenacimiento datedenaissance",
    "website": "website url homepage webseite sitioweb siteweb web",
    "language": "language lang locale sprache idioma langue languagecode",
    "text": "text message body content comment description nachricht inhalt kommentar beschreibung mensaje "
    "contenido comentario descripcion descripción texto contenu commentaire texte tweet fulltext review "
    "reviewtext reviewcontent reviewbody bewertung bewertungstext opinion opinión reseña avis feedback post note "
    "messagetext bodyplain antwort",
    "html": "html bodyhtml htmlbody messagehtml",
    "subject": "subject title betreff titel asunto titulo título objet sujet titre headline reviewtitle thema",
    "at": "createdat date datetime timestamp created time sentat received receivedat datum zeitpunkt uhrzeit "
    "erstelltam erstellt gesendetam eingang fecha fechahora fechacreacion creado datedecreation créé créele "
    "horodatage dateheure postedat publishedat orderdate invoicedate dateorder bestelldatum rechnungsdatum "
    "kaufdatum fechapedido fechafactura datecommande datefacture purchasedate paidat reviewdate updatedat ts "
    "createdtime orderedat dateadded",
    "in_reply_to": "inreplyto inresponsetotweetid inreplytostatusid replyto parentid parent antwortauf "
    "enrespuestaa enréponseà enreponsea inreplytoid replytoid parentmessageid threadts",
    "thread": "conversationid threadid thread conversation ticketid ticket case caseid vorgang vorgangsnummer "
    "conversacion conversación fil konversation dialogid chatid ticketnumber",
    "direction": "direction richtung direccion dirección sens inbound incoming messagetype sendertype type "
    "authortype eingehend entrante entrant isinbound isagent fromagent",
    "public": "public ispublic öffentlich publico público",
    "to": "to recipient recipients empfänger empfanger an destinatario destinatarios destinataire para à toemail",
    "id": "id messageid tweetid externalid uuid guid nummer nr no number key reference orderid ordernumber "
    "order orderno bestellnummer bestellnr bestellung auftragsnummer pedido numeropedido idpedido commande "
    "numérocommande numerocommande invoice invoiceno invoicenumber invoiceid rechnung rechnungsnummer rechnungsnr "
    "factura numerofactura facture numérofacture numerofacture reviewid postid recordid idmensaje idmessage beleg "
    "belegnummer transactionid",
    "amount": "amount total totalamount ordertotal grandtotal sum betrag gesamtbetrag summe gesamt gesamtsumme "
    "rechnungsbetrag importe importetotal montant montanttotal totalttc revenue umsatz price value totalprice "
    "bruttobetrag brutto totalpaid wert",
    "currency": "currency currencycode währung wahrung waehrung moneda divisa devise monnaie ordercurrency",
    "status": "status state orderstatus financialstatus zustand bestellstatus estado statut état etat paymentstatus",
    "items": "items itemcount anzahlartikel totalitems numberofitems artikelanzahl stück stueck nombrearticles",
    "line_sku": "sku stockcode productid productcode articlenumber artikelnummer artikelnr itemid referencia "
    "référence lineitemsku itemcode",
    "line_name": "productname product itemname item artikel produkt produktname artikelname producto articulo "
    "artículo produit article lineitemname productdescription artikelbezeichnung bezeichnung",
    "line_quantity": "quantity qty menge anzahl cantidad quantité quantite lineitemquantity",
    "line_price": "unitprice itemprice einzelpreis preis precio preciounitario prix prixunitaire lineitemprice",
    "line_amount": "lineamount linetotal positionsbetrag zeilenbetrag importelinea montantligne lineitemtotal",
    "staff": "agent agentemail assignee assigneeemail owner bearbeiter zuständig agente staff operator",
    "rating": "rating stars score starrating sterne bewertungsterne puntuacion puntuación estrellas étoiles "
    "etoiles reviewstars",
}

SYNONYMS: dict[str, dict[str, int]] = {
    field: {column_key(name): rank for rank, name in enumerate(names.split())}
    for field, names in _NAMES.items()
}
"""Field to its known keys, each with its rank: 0 is the most telling."""

_WORD = re.compile(r"[^\W\d_]+|\d+")


def header_match(name: str, field: str) -> float:
    """How well a column name says that it is `field`: 1 for a known name, less where it only holds one."""
    known = SYNONYMS[field]
    key = column_key(name)
    if key in known:
        return 1.0 - 0.004 * known[key]
    bare = key.rstrip("0123456789")
    if bare in known:
        return 0.9 - 0.004 * known[bare]
    words = [word.casefold() for word in _WORD.findall(name)]
    if any(column_key(a + b) in known for a, b in pairwise(words)):
        return 0.65
    return 0.5 if any(word in known and known[word] < 6 for word in words) else 0.0
