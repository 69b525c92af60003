//! The words of the public pages, of those of the staff, and of what an owner shares.

use satchel_protocol::Language;

use super::Words;

words! {
    // the catalogue
    seek: "Search", "Cerca";
    seek_label: "Search the badges", "Cerca fra i badge";
    seek_hint: "A subject, a skill, an issuer", "Un argomento, una competenza, un ente";
    all_badges: "All badges", "Tutti i badge";
    see_all: "See all", "Vedi tutti";
    newest: "New in the catalogue", "Novità nel catalogo";
    who_issues: "Who issues badges here", "Chi rilascia badge qui";
    how_it_works: "How it works", "Come funziona";
    step_find: "Find a badge.", "Trova un badge.";
    step_find_why: "Each page says what it takes, which skills it shows and who gives it.", "Ogni pagina dice che cosa serve, quali competenze dimostra e chi lo rilascia.";
    step_get: "Earn it.", "Ottienilo.";
    step_get_why: "Whoever issues it signs it and sends you an invitation by mail.", "Chi lo rilascia lo firma e ti manda un invito per e-mail.";
    step_show: "Keep it and show it.", "Conservalo e mostralo.";
    step_show_why: "It is yours: download it, share it, or keep it to yourself. Anyone can check that it is genuine.", "È tuo: scaricalo, condividilo o tienilo per te. Chiunque può verificare che sia autentico.";
    catalogue: "Catalogue", "Catalogo";
    catalogue_what: "Badges that can be earned: what each takes, which skills it shows and who gives it.", "I badge che si possono ottenere: che cosa serve, quali competenze dimostrano e chi li rilascia.";
    catalogue_empty: "No badge is published yet.", "Non è ancora pubblicato alcun badge.";
    nothing_found: "Nothing was found. Try fewer or other words.", "Non è stato trovato nulla. Prova con meno parole, o con altre.";
    found_best: "The best come first.", "Prima i risultati migliori.";
    issuer: "Issuer", "Ente";
    any_issuer: "Any issuer", "Tutti gli enti";
    skill: "Skill", "Competenza";
    any_skill: "Any skill", "Tutte le competenze";
    kind_of_badge: "Kind", "Tipo";
    any_kind: "Any kind", "Tutti i tipi";
    language_of_badge: "Language", "Lingua";
    any_language: "Any language", "Tutte le lingue";
    page_number: "Page {0}", "Pagina {0}";
    page_before: "Previous page", "Pagina precedente";
    first_page: "First page", "Prima pagina";
    page_after: "Next page", "Pagina successiva";
    pages: "Pages", "Pagine";
    about_badge: "About this badge", "Su questo badge";
    awarded: "Awarded", "Assegnato";
    awarded_no_more: "Awarded no longer", "Non viene più assegnato";
    is_unlisted: "Not in the catalogue: only whoever has the link sees this page", "Non è nel catalogo: vede questa pagina solo chi ha il link";
    definition: "Definition", "Definizione";
    tags: "Found by", "Parole chiave";
    who_has_it: "Who has it", "Chi lo ha";
    who_has_it_why: "People who let their page be found.", "Persone che hanno reso la loro pagina pubblica e reperibile.";
    ask_for_it: "Ask for this badge", "Richiedi questo badge";
    how_to_get: "Whoever issues it gives it to those who meet the criteria, and sends the invitation by mail.", "Chi lo rilascia lo assegna a chi soddisfa i criteri, e manda l’invito per e-mail.";
    licence: "Licence", "Licenza";
    rights_reserved: "All rights with the issuer", "Tutti i diritti all’ente";
    data: "Data", "Dati";
    share: "Share", "Condividi";
    share_plain: "Plain links: nothing is loaded from these places until you open one.", "Semplici collegamenti: nulla viene caricato da questi siti finché non ne apri uno.";
    by_mail: "By mail", "Per e-mail";
    more_from: "More from", "Altri badge di";
    badges_of: "The badges of {0}.", "I badge di {0}.";
    its_badges: "Its badges", "I suoi badge";
    name_is_a_claim: "The name is what the issuer calls itself. Its badges carry this key, by which anyone can check them.", "Il nome è quello che l’ente dà a se stesso. I suoi badge portano questa chiave, con cui chiunque può verificarli.";
    own_site: "Own site", "Sito";
    key: "Key", "Chiave";
    feed: "Feed", "Feed";

    // asking for a badge
    how_to_ask: "Ask for it if you meet the criteria. Your request goes to the issuer; those who run this service can read it, too.", "Richiedilo se soddisfi i criteri. La richiesta va all’ente; può leggerla anche chi gestisce questo servizio.";
    request_title: "Ask for “{0}”", "Richiedi «{0}»";
    request_intro: "What you write goes to {0}, only to check whether the badge is yours to have; those who run this service can read it, too. It is erased {1} days after the decision.", "Quello che scrivi va a {0}, solo per verificare se hai diritto al badge; può leggerlo anche chi gestisce questo servizio. Viene cancellato {1} giorni dopo la decisione.";
    request_email_hint: "We send a mail there to confirm it; the invitation goes there too.", "Ci mandiamo un’e-mail per confermarlo; anche l’invito arriva lì.";
    request_button: "Send the request", "Invia la richiesta";
    request_confirm_first: "Nobody sees the request until you press Confirm on the page that it opens. The link holds for two days; after that, what you wrote is erased.", "Nessuno vede la richiesta finché non premi Conferma nella pagina che si apre. Il collegamento vale due giorni; dopo, quello che hai scritto viene cancellato.";
    request_confirm_title: "Confirm your request", "Conferma la richiesta";
    request_confirm_intro: "You ask for the badge “{1}” of {2}, with the address {0}. Once you press Confirm, the request goes to the issuer.", "Richiedi il badge «{1}» di {2}, con l’indirizzo {0}. Quando premi Conferma, la richiesta va all’ente.";
    request_confirm_button: "Confirm", "Conferma";
    request_confirmed: "Your request is on its way", "La tua richiesta è partita";
    request_confirmed_why: "The issuer decides. If it says yes, you get an invitation by mail.", "Decide l’ente. Se la risposta è sì, ricevi un invito per e-mail.";
    request_second: "You have a request for this badge already", "Hai già una richiesta per questo badge";
    request_second_why: "It waits for the issuer. This second one was not taken, and was erased with its files. You can ask again once the first is decided.", "È in attesa dell’ente. Questa seconda non è stata accolta ed è stata cancellata con i suoi file. Puoi chiedere di nuovo quando la prima è decisa.";
    request_too_late: "This badge is awarded no longer", "Questo badge non viene più assegnato";
    request_too_late_why: "The issuer closed it after you wrote. Your request was not taken, and was erased with its files.", "L’ente lo ha chiuso dopo che hai scritto. La tua richiesta non è stata accolta ed è stata cancellata con i suoi file.";
    request_link_over: "The request was confirmed, or is older than two days and was erased. You can make it again.", "La richiesta è stata confermata, oppure ha più di due giorni ed è stata cancellata. Puoi farla di nuovo.";
    may_be_empty: "You may leave this empty.", "Puoi lasciarlo vuoto.";
    evidence: "Evidence", "Documenti";
    evidence_hint: "Up to {0} files, each up to {1}.", "Fino a {0} file, ciascuno fino a {1}.";
    answer_missing: "Answer this", "Rispondi a questa domanda";
    subject_missing: "Write a subject", "Scrivi un oggetto";
    text_missing: "Write the text", "Scrivi il testo";
    name_it: "Write what it could be called", "Scrivi come potrebbe chiamarsi";
    tick_this: "Tick this to go on", "Spunta questa casella per continuare";
    answer_long: "At most {0} characters", "Al massimo {0} caratteri";
    file_too_large: "A file is larger than {0}. Choose the files again", "Un file supera {0}. Scegli di nuovo i file";
    files_too_large: "All files together are larger than {0}. Choose fewer or smaller ones; what you wrote is still here", "Tutti i file insieme superano {0}. Scegline meno o più piccoli; quello che hai scritto è ancora qui";
    file_empty: "A file is empty. Choose the files again", "Un file è vuoto. Scegli di nuovo i file";
    form_closed: "This form was closed while you wrote", "Questo modulo è stato chiuso mentre scrivevi";
    form_closed_why: "Nothing was sent, and nothing is kept here. What you wrote is below: copy it before you leave this page. If somebody gave you the link, ask them for a new one.", "Nulla è stato inviato, e qui nulla è conservato. Quello che hai scritto è qui sotto: copialo prima di lasciare la pagina. Se qualcuno ti ha dato il link, chiedigliene uno nuovo.";
    what_you_wrote: "What you wrote", "Quello che hai scritto";
    request_held: "You have this badge already, or an invitation to it", "Hai già questo badge, o un invito a riceverlo";
    request_held_here: "Look among your badges: it is there, or its invitation waits for your answer.", "Guarda fra i tuoi badge: è lì, o il suo invito attende la tua risposta.";
    request_held_why: "Look among your badges, or for the invitation in your mail. This request was not taken, and was erased with its files.", "Guarda fra i tuoi badge, o cerca l’invito nella posta. Questa richiesta non è stata accolta ed è stata cancellata con i suoi file.";
    no_room_for_files: "There is no room for more files now. Send the request without them, or try again tomorrow", "Ora non c’è posto per altri file. Invia la richiesta senza, o riprova domani";
    too_many_files: "At most {0} files. Choose the files again", "Al massimo {0} file. Scegli di nuovo i file";
    leave_empty: "Leave this empty", "Lascia vuoto";
    yes: "Yes", "Sì";

    // staff
    staff: "Staff", "Personale";
    free_tab: "Addresses", "Indirizzi";
    free_title: "Free an address", "Libera un indirizzo";
    free_what: "When an institution gives somebody the address that somebody else had before, the account of the one before still holds it, and the new one gets no further. Free it once the institution has confirmed that it changed hands.", "Quando un ente dà a una persona l’indirizzo che prima era di un’altra, l’account di chi lo aveva lo tiene ancora e chi lo ha ora non va avanti. Liberalo quando l’ente ha confermato che è passato di mano.";
    free_what_stays: "The account keeps its badges, its other addresses and its ways in. Its sessions end, and its other addresses are told.", "L’account conserva i suoi badge, gli altri indirizzi e gli accessi. Le sue sessioni finiscono, e gli altri suoi indirizzi vengono avvisati.";
    free_even_only: "Even when it is the only address of the account: a password alone then opens it no more", "Anche se è l’unico indirizzo dell’account: la sola password allora non lo apre più";
    free_button: "Free the address", "Libera l’indirizzo";
    free_nobody: "No account has this address.", "Nessun account ha questo indirizzo.";
    free_only: "It is the only address of its account. Have its owner add another one, or tick this.", "È l’unico indirizzo del suo account. Fanne aggiungere un altro al titolare, o spunta questa casella.";
    freed: "The address is free", "L’indirizzo è libero";
    freed_what: "No account has {0} any more. Whoever has it now can sign in.", "Nessun account ha più {0}. Chi lo ha ora può accedere.";
    freed_waiting: "Invitations to it that wait for an answer: {0}. Whoever has the address now could accept them: have their issuers withdraw those that were for somebody else.", "Inviti a questo indirizzo in attesa di risposta: {0}. Chi lo ha ora potrebbe accettarli: fa’ ritirare dai loro emittenti quelli che erano per un’altra persona.";
    requests: "Requests", "Richieste";
    invitations: "Invitations", "Inviti";
    forms: "Forms", "Moduli";
    forms_why: "Who may ask for a badge with a form. A secret link is shown once, and works until it is renewed.", "Chi può richiedere un badge con un modulo. Un link segreto viene mostrato una volta sola, e vale finché non è rinnovato.";
    numbers: "Numbers", "Numeri";
    all: "All", "Tutti";
    badge: "Badge", "Badge";
    state: "State", "Stato";
    made_on: "Made on", "Creato il";
    waits: "Waiting for", "In attesa da";
    decided: "Since", "Dal";
    pick: "Choose", "Scegli";
    approve_picked: "Approve the chosen ones", "Approva le richieste scelte";
    approved_many: "Approved: {0}", "Approvate: {0}";
    approved_late: "Approved: {0} of {1}. The others were decided by somebody else meanwhile.", "Approvate: {0} su {1}. Le altre nel frattempo sono state decise da qualcun altro.";
    none_picked: "Choose at least one request; nothing was approved.", "Scegli almeno una richiesta; nulla è stato approvato.";
    requests_hint: "A part of a name or of an address", "Parte di un nome o di un indirizzo";
    any_badge: "All badges", "Tutti i badge";
    narrow: "Filter", "Filtra";
    pick_all: "Choose all on this page", "Scegli tutte quelle in questa pagina";
    pick_none: "Choose none", "Non sceglierne nessuna";
    nothing_fits: "No request fits.", "Nessuna richiesta corrisponde.";
    nothing_waits: "There is nothing in this list.", "In questo elenco non c’è nulla.";
    state_waiting: "To decide", "Da decidere";
    state_approved: "Awaiting signature", "In attesa di firma";
    state_awarded: "Awarded", "Assegnata";
    many_awarded: "Awarded", "Assegnate";
    many_refused: "Refused", "Rifiutate";
    many_opened: "Opened", "Aperti";
    many_accepted: "Accepted", "Accettati";
    many_declined: "Declined", "Rifiutati";
    many_expired: "Expired", "Scaduti";
    many_withdrawn: "Withdrawn", "Ritirati";
    state_refused: "Refused", "Rifiutata";
    stands_queued: "Mail waits", "E-mail in coda";
    stands_sent: "Mail sent", "E-mail inviata";
    stands_opened: "Opened", "Aperto";
    stands_accepted: "Accepted", "Accettato";
    stands_declined: "Declined", "Rifiutato";
    stands_expired: "Expired", "Scaduto";
    stands_withdrawn: "Withdrawn", "Ritirato";
    stands_bounced: "Mail came back", "E-mail tornata indietro";
    remind: "Remind", "Sollecita";
    extend: "Give more time", "Prolunga";
    withdraw: "Withdraw", "Ritira";
    holds_until: "Open until {0}", "Valido fino al {0}";
    reminded_so_often: "Reminded {0} of {1} times, last on {2}", "Solleciti: {0} su {1}, l’ultimo il {2}";
    told_reminded: "A reminder goes to {0}.", "Parte un sollecito per {0}.";
    told_extended: "{0} has time until {1}.", "{0} ha tempo fino al {1}.";
    told_withdrawn: "The invitation for {0} is withdrawn.", "L’invito per {0} è ritirato.";
    not_reminded: "No reminder was sent", "Nessun sollecito inviato";
    stands_so: "The invitation stands at “{0}” now. Nothing was changed.", "L’invito ora è nello stato «{0}». Nulla è stato modificato.";
    withdraw_title: "Withdraw this invitation?", "Ritirare questo invito?";
    withdraw_which: "“{0}” of {1}, for {2}.", "«{0}» di {1}, per {2}.";
    withdraw_why: "The link in the mail leads to nothing any more, and the award is marked as withdrawn here. The badge itself is signed and stays valid until the desk revokes it: satchel desk revoke --withdrawn. This cannot be undone; to give the badge after all, it is awarded anew. No mail tells the person.", "Il collegamento nell’e-mail non porta più a nulla, e qui l’assegnazione risulta ritirata. Il badge in sé è firmato e resta valido finché il banco non lo revoca: satchel desk revoke --withdrawn. Non si può annullare: per dare comunque il badge, lo si assegna di nuovo. Nessuna e-mail avvisa la persona.";
    asked_on: "Asked on", "Richiesta il";
    erased: "Erased", "Cancellata";
    erased_why: "The person’s data are erased. That there was a request stays.", "I dati della persona sono cancellati. Resta che c’è stata una richiesta.";
    erased_in: "The person’s data are erased {0} days after the decision.", "I dati della persona vengono cancellati {0} giorni dopo la decisione.";
    request_note: "These data serve only to check the right to the badge, and are erased {0} days after the decision.", "Questi dati servono solo a verificare il diritto al badge, e vengono cancellati {0} giorni dopo la decisione.";
    awaits_signature: "Approved; it waits for a desk to sign the award ({0}). At the desk, `satchel desk requests` lists it and signs for it; then the invitation leaves.", "Approvata; aspetta che un banco firmi il badge ({0}). Al banco, `satchel desk requests` la elenca e firma; poi l’invito parte.";
    approve: "Approve", "Approva";
    approve_title: "Approve", "Approva";
    approve_why: "A desk signs the award next; then the invitation leaves.", "Poi un banco firma il badge, e l’invito parte.";
    undo_approval: "It is approved. Until a desk signs, that can be taken back.", "È approvata. Finché un banco non firma, si può annullare.";
    refuse: "Refuse", "Rifiuta";
    refuse_title: "Refuse", "Rifiuta";
    reason: "Reason", "Motivo";
    reason_hint: "Optional. The person reads it as you write it.", "Facoltativo. La persona lo legge come lo scrivi.";
    tell_person: "Tell the person by mail, in ten minutes. Until then it can be undone.", "Avvisa la persona per e-mail, fra dieci minuti. Fino ad allora si può annullare.";
    undo: "Undo", "Annulla";
    evidence_note: "Sent by a stranger: open such files with care.", "Inviati da una persona sconosciuta: apri questi file con prudenza.";
    decided_already: "This was decided already", "È già stato deciso";
    decided_already_why: "Somebody else decided meanwhile, or the mail has left and it cannot be undone any more. Nothing was changed.", "Nel frattempo ha deciso qualcun altro, oppure l’e-mail è partita e non si può più annullare. Nulla è stato modificato.";
    see_it: "See it", "Vedi";
    who_may_ask: "Who may ask", "Chi può richiederlo";
    access_closed: "Nobody", "Nessuno";
    access_open: "Everybody", "Tutti";
    access_link: "Whoever has the link", "Chi ha il link";
    write_form: "Questions", "Domande";
    form_title: "Form for “{0}”", "Modulo per «{0}»";
    form_why: "What people are asked who ask for this badge. Nothing changes for them before you save.", "Che cosa si chiede a chi richiede questo badge. Per loro nulla cambia finché non salvi.";
    form_intro: "What stands above it", "Testo introduttivo";
    form_intro_hint: "For example who may ask, and what to send along. You may leave it empty.", "Per esempio chi può chiedere, e che cosa allegare. Puoi lasciarlo vuoto.";
    form_questions: "Questions", "Domande";
    form_always: "Name and e-mail address are always asked for.", "Nome e indirizzo e-mail si chiedono sempre.";
    question_label: "What you ask", "Che cosa chiedi";
    question_kind: "How it is answered", "Come si risponde";
    kind_text: "One line", "Una riga";
    kind_long: "Several lines", "Più righe";
    kind_choice: "One of some choices", "Una scelta fra alcune";
    kind_check: "A box to tick", "Una casella da spuntare";
    question_choices: "Choices", "Scelte";
    question_choices_hint: "Only for “One of some choices”: one on each line.", "Solo per «Una scelta fra alcune»: una per riga.";
    question_required: "It must be answered", "La risposta è obbligatoria";
    move_up: "Move up", "Sposta su";
    move_down: "Move down", "Sposta giù";
    remove_question: "Remove", "Togli";
    add_question: "Add a question", "Aggiungi una domanda";
    question_gone: "is removed.", "è tolta.";
    form_files: "Files that may come along", "File che si possono allegare";
    form_files_hint: "How many, each up to 5 MB. With 0 none are asked for.", "Quanti, ciascuno fino a 5 MB. Con 0 non se ne chiedono.";
    see_preview: "Update the preview", "Aggiorna l’anteprima";
    preview: "Preview", "Anteprima";
    preview_why: "As people see it with what is written above. Nothing can be sent from here.", "Come lo vedono le persone, con quanto è scritto sopra. Da qui non si invia nulla.";
    question_missing: "Write the question, or remove it", "Scrivi la domanda, o toglila";
    choices_missing: "Write at least one choice", "Scrivi almeno una scelta";
    choices_unasked: "Choose “One of some choices” above, or empty this", "Scegli sopra «Una scelta fra alcune», o svuota questo campo";
    choices_many: "At most {0} choices", "Al massimo {0} scelte";
    choice_long: "At most {0} characters for each choice", "Al massimo {0} caratteri per ogni scelta";
    files_at_most: "At most {0} files", "Al massimo {0} file";
    form_saved: "The form is saved. Whoever opens it from now on sees it so.", "Il modulo è salvato. Chi lo apre da ora lo vede così.";
    form_saved_closed: "Nobody may ask with it yet.", "Per ora nessuno può usarlo.";
    form_meanwhile: "Somebody else saved this form while you wrote. Nothing of yours is saved yet: save once more to put it in the place of theirs, or go back to the forms to see theirs.", "Qualcun altro ha salvato questo modulo mentre scrivevi. Di tuo non è ancora salvato nulla: salva di nuovo per sostituire il suo, o torna ai moduli per vedere il suo.";
    renew_link: "Renew the link", "Rinnova il link";
    access_saved: "Saved: who may ask for “{0}” – {1}.", "Salvato: chi può richiedere «{0}» – {1}.";
    renew_title: "Renew the link to “{0}”?", "Rinnovare il link a «{0}»?";
    renew_why: "Whoever has the present link to the form for “{0}” of {1} gets no further with it. The new one is shown once. This cannot be undone.", "Chi ha il link attuale al modulo per «{0}» di {1} non potrà più usarlo. Il nuovo viene mostrato una volta sola. Non si può annullare.";
    new_link: "The link to “{0}”", "Il link a «{0}»";
    first_link_why: "Copy it now: it is not shown again. Whoever has it may ask for the badge.", "Copialo ora: non viene mostrato di nuovo. Chi lo ha può richiedere il badge.";
    new_link_why: "Copy it now: it is not shown again. The one before works no more.", "Copialo ora: non viene mostrato di nuovo. Il precedente non vale più.";
    long_ago: "{0} ago", "{0} fa";
    just_now: "just now", "adesso";
    minutes_ago: "{0} minutes", "{0} minuti";
    hour_ago: "an hour", "un’ora";
    hours_ago: "{0} hours", "{0} ore";
    day_ago: "a day", "un giorno";
    days_ago: "{0} days", "{0} giorni";

    // acting for an issuer
    acting_title: "Act for {0}?", "Operare per {0}?";
    acting_what: "{0} asks you to act for it on the pages of the staff: to decide about requests, follow invitations and write forms and notices.", "{0} ti chiede di operare per suo conto nelle pagine del personale: decidere sulle richieste, seguire gli inviti, scrivere moduli e informative.";
    acting_means: "You see what people write who ask for its badges, and what you do there is recorded. You can stop at any time in the settings of your account.", "Vedrai ciò che scrive chi richiede i suoi badge, e ciò che fai lì viene registrato. Puoi smettere in ogni momento nelle impostazioni del tuo account.";
    acting_second: "After accepting, the pages of the staff ask for a second step of signing in: a code from an app on your phone, or a passkey. If you have none, you set it up then.", "Dopo che hai accettato, le pagine del personale chiedono un secondo passaggio di accesso: un codice da un’app sul telefono, o una passkey. Se non ne hai, lo configuri allora.";
    acting_address: "You were asked at {0}: register with that address", "La richiesta è arrivata a {0}: registrati con quell’indirizzo";
    acting_sign_in: "To accept, sign in to the account that has the address {0}.", "Per accettare, accedi all’account che ha l’indirizzo {0}.";
    acting_accept: "Accept", "Accetta";
    acting_decline: "Decline", "Rifiuta";
    acting_declined: "Declined", "Rifiutato";
    acting_declined_why: "You do not act for {0}, and your address is erased from what it asked.", "Non operi per {0}, e il tuo indirizzo è cancellato dalla sua richiesta.";
    acting_over: "It was answered, taken back, or is older than two weeks. Whoever asked you can ask again.", "Ha già avuto risposta, è stato ritirato, o ha più di due settimane. Chi te l’ha chiesto può chiederlo di nuovo.";
    acting_for: "You act for", "Operi per";
    acting_leave: "Stop acting", "Smetti di operare";
    acting_leave_title: "Stop acting for {0}?", "Smettere di operare per {0}?";
    acting_leave_what: "You see its requests and invitations no more. To act for it again, it has to ask you again.", "Non vedrai più le sue richieste e i suoi inviti. Per operare di nuovo, deve chiedertelo di nuovo.";
    mail_acting_subject: "{0} asks you to act for it", "{0} ti chiede di operare per suo conto";
    mail_acting: "{0} gave this address and asks whoever has it to act for it at {1}: to decide about requests for badges, and to follow invitations.", "{0} ha indicato questo indirizzo e chiede a chi lo ha di operare per suo conto su {1}: decidere sulle richieste di badge e seguire gli inviti.";
    mail_acting_button: "Read it and answer", "Leggi e rispondi";
    mail_acting_until: "You can answer until {0}.", "Puoi rispondere fino al {0}.";
    mail_acting_nothing: "Without an answer nothing happens, and the address is erased then.", "Senza risposta non succede nulla, e poi l’indirizzo viene cancellato.";
    mail_hidden_subject: "A page of yours is hidden", "Una tua pagina è nascosta";
    mail_hidden: "Those who run {0} have hidden your page from others.", "Chi gestisce {0} ha nascosto agli altri la tua pagina.";
    mail_hidden_badge: "Those who run {0} have hidden “{1}” on your page from others.", "Chi gestisce {0} ha nascosto agli altri «{1}» sulla tua pagina.";
    mail_hidden_what: "Your badges are yours as before; only the page is not shown. You can answer from your page of badges.", "I tuoi badge restano tuoi; solo la pagina non viene mostrata. Puoi rispondere dalla pagina dei tuoi badge.";

    // news, and writing to the staff
    news: "News", "Novità";
    send: "Send", "Invia";
    news_intro: "We write to you about this service, and you leave with one press. Your address serves for nothing else.", "Ti scriviamo su questo servizio, e te ne vai con un clic. Il tuo indirizzo non serve ad altro.";
    wants_news: "News of the service", "Novità sul servizio";
    wants_opening: "A mail, once, when registration opens to everybody", "Un’e-mail, una sola, quando la registrazione si apre a tutti";
    tick_one: "Tick at least one", "Spunta almeno una voce";
    news_confirm_first: "Nothing is sent before that. If you do not confirm within two days, your address is erased.", "Prima non inviamo nulla. Se non confermi entro due giorni, il tuo indirizzo viene cancellato.";
    news_confirm_title: "What do you want to be told?", "Che cosa vuoi sapere?";
    news_confirm_intro: "Mail goes to {0}. With nothing ticked the address is erased.", "Le e-mail vanno a {0}. Se non spunti nulla, l’indirizzo viene cancellato.";
    news_confirmed: "It is noted", "Preso nota";
    news_confirmed_why: "Each mail has a link by which you leave.", "Ogni e-mail ha un collegamento con cui te ne vai.";
    leave_title: "No more mail", "Niente più e-mail";
    leave_intro: "Your address is erased, and we write no more news to it.", "Il tuo indirizzo viene cancellato, e non ti mandiamo altre novità.";
    leave_button: "Erase my address", "Cancella il mio indirizzo";
    left_title: "Your address is erased", "Il tuo indirizzo è cancellato";
    left_why: "No more news goes there.", "Lì non andranno altre novità.";
    tell_me_opening: "Tell me when it opens", "Avvisami quando si apre";
    propose: "Propose", "Proponi";
    propose_title: "Propose a badge", "Proponi un badge";
    propose_intro: "Which badge would you like to see here? Those who run this service read every proposal and answer by mail; the issuers do not see it.", "Quale badge vorresti trovare qui? Chi gestisce questo servizio legge ogni proposta e risponde per e-mail; gli enti non la vedono.";
    propose_name: "What it could be called", "Come potrebbe chiamarsi";
    propose_text: "What somebody does for it, and whom it serves", "Che cosa si fa per ottenerlo, e a chi serve";
    propose_hint: "A few sentences are enough.", "Bastano poche frasi.";
    ask_title: "Ask a question", "Fai una domanda";
    ask_intro: "Write what you tried, and what happened instead. Those who run this service read it. The issuers do not see it: about a badge, ask whoever issues it.", "Scrivi che cosa hai provato a fare, e che cosa è successo. Lo legge chi gestisce questo servizio. Gli enti non lo vedono: su un badge, chiedi a chi lo rilascia.";
    subject: "Subject", "Oggetto";
    question: "Question", "Domanda";
    report_this: "Report this page", "Segnala questa pagina";
    report_title: "Report a page", "Segnala una pagina";
    report_intro: "The page is {0}. Those who run this service look at it, and can hide it with a reason that its owner reads.", "La pagina è {0}. Chi gestisce questo servizio la esamina, e può nasconderla con un motivo che chi la possiede legge.";
    report_intro_badge: "The page is {0}. Those who run this service look at it and take it up with the issuer, who answers for what it says.", "La pagina è {0}. Chi gestisce questo servizio la esamina e ne parla con l’ente, che risponde di ciò che dice.";
    report_text: "What is wrong with it", "Che cosa non va";
    your_name: "Your name", "Il tuo nome";
    answer_optional: "Only if you want an answer.", "Solo se vuoi una risposta.";
    answer_goes_there: "The answer goes there. It is confirmed by a mail first.", "La risposta arriva lì. Prima lo confermi con un’e-mail.";
    reference: "Reference", "Riferimento";
    reference_is: "Reference: {0}", "Riferimento: {0}";
    write_and_quote: "If you are stuck, write to {0} and quote {1}.", "Se sei in difficoltà, scrivi a {0} e cita {1}.";
    message_taken: "Thank you, it has arrived", "Grazie, è arrivato";
    message_taken_why: "Those who run this service read it. What you wrote is erased some time after it is settled.", "Lo legge chi gestisce questo servizio. Quanto hai scritto viene cancellato qualche tempo dopo che è concluso.";
    message_confirm_first: "The message is seen once you press Confirm on the page that the link opens. After two days it is erased.", "Il messaggio si vede quando premi Conferma nella pagina che il collegamento apre. Dopo due giorni viene cancellato.";
    message_confirm_title: "Confirm your message", "Conferma il tuo messaggio";
    message_confirm_intro: "“{1}”, written with the address {0}. Once you press Confirm, those who run this service read it.", "«{1}», scritto con l’indirizzo {0}. Quando premi Conferma, lo legge chi gestisce questo servizio.";
    messages: "Messages", "Messaggi";
    proposals: "Proposals", "Proposte";
    questions: "Questions", "Domande";
    reports: "Reported pages", "Pagine segnalate";
    message_open: "Open", "In attesa";
    message_answered: "Answered", "Con risposta";
    message_closed: "Laid aside", "In archivio";
    answer: "Answer", "Risposta";
    answer_hint: "It leaves by mail in ten minutes; until then it can be undone.", "Parte per e-mail fra dieci minuti; fino ad allora si può annullare.";
    send_answer: "Answer", "Rispondi";
    lay_aside: "Lay aside", "Archivia";
    page_words: "Page", "Pagina";
    page_is_hidden: "It is hidden from others.", "È nascosta agli altri.";
    page_hidden_from_others: "Those who run this service have hidden your page: only you see it.", "Chi gestisce questo servizio ha nascosto la tua pagina: la vedi solo tu.";
    hidden_meanwhile: "What stands below opens for nobody else until it is shown again.", "Finché non torna visibile, ciò che segue non si apre per nessun altro.";
    hidden_from_others: "Those who run this service have hidden this badge on your page: only you see it there.", "Chi gestisce questo servizio ha nascosto questo badge sulla tua pagina: lì lo vedi solo tu.";
    answer_this: "Answer", "Rispondi";
    about_hidden: "My hidden page, reference {0}", "La mia pagina nascosta, riferimento {0}";
    hide_hint: "Its owner reads the reason, and can answer.", "Chi la possiede legge il motivo, e può rispondere.";
    hides_badge: "This badge is hidden: on its owner’s page, and behind links to it. Nothing else of its owner’s is.", "Si nasconde questo badge: nella pagina di chi lo possiede, e dietro i link che vi portano. Null’altro di suo.";
    hides_person: "The whole page of this person is hidden, with all badges and collections on it.", "Si nasconde l’intera pagina di questa persona, con tutti i badge e le raccolte.";
    hide_page: "Hide the page", "Nascondi la pagina";
    show_again: "Show it again", "Mostrala di nuovo";
    words_missing: "Something has to be written", "Bisogna scrivere qualcosa";
    words_missing_why: "An answer, or the reason for hiding a page, cannot be empty. Nothing was changed.", "Una risposta, o il motivo per nascondere una pagina, non può essere vuota. Nulla è stato modificato.";
    write_news: "Write news", "Scrivi una novità";
    write_news_intro: "It goes to everybody who confirmed to want news, in ten minutes. Until then it can be taken back.", "Va a tutti quelli che hanno confermato di volerle, fra dieci minuti. Fino ad allora si può ritirare.";
    news_text: "Text", "Testo";
    send_news: "Send to all", "Invia a tutti";
    look_first_news: "See it before it leaves", "Guarda prima di inviare";
    leaves_at: "Leaves on {0}; until then it can be taken back", "Parte il {0}; fino ad allora si può ritirare";
    is_leaving: "Leaving now", "In partenza";
    has_left: "Left on {0}", "Partita il {0}";
    sent_news: "What was written", "Scritte finora";

    // sharing
    is_it_genuine: "Is it genuine?", "È autentico?";
    verdict_valid: "Valid", "Valido";
    verdict_intact: "Intact", "Integro";
    verdict_undecided: "Undecided", "Non deciso";
    verdict_invalid: "Not valid", "Non valido";
    intact_admitted: "Intact, and signed by {0}, whom {1} has admitted to this service.", "Integro e firmato da {0}, che {1} ha ammesso a questo servizio.";
    admitted_here: "The issuer was admitted to this service by {0}. No other program knows that: there, whom to trust is for whoever checks to say.", "L’ente è stato ammesso a questo servizio da {0}. Altri programmi non lo sanno: lì decide chi verifica di chi fidarsi.";
    line_pass: "Passed", "Superato";
    line_fail: "Failed", "Fallito";
    line_unknown: "Unknown", "Ignoto";
    line_skipped: "Not asked", "Non chiesto";
    passed_of: "{0} of {1} checks passed", "{0} controlli su {1} superati";
    check_yourself: "Check it yourself", "Verificalo tu";
    check_yourself_why: "You need not believe this page: the badge carries the signature of its issuer. Download it and drop it into Satchel, or into any other program for Open Badges.", "Non serve credere a questa pagina: il badge porta la firma di chi l’ha rilasciato. Scaricalo e trascinalo in Satchel, o in un altro programma per Open Badges.";
    check_shell: "In a shell:", "Da riga di comando:";
    check_it: "Open it to check it", "Aprilo per verificarlo";
    holder: "Holder", "Titolare";
    printed_from: "From", "Da";
    share_public: "This badge is on your public page:", "Questo badge è sulla tua pagina pubblica:";
    add_to_linkedin: "Add to your LinkedIn profile", "Aggiungi al tuo profilo LinkedIn";
    embed_frame: "As a frame in another site", "Come riquadro in un altro sito";
    embed_html: "As plain HTML", "Come semplice HTML";
    links_at_most: "there are {0} links already; end one first", "ci sono già {0} link; prima terminane uno";
    collections_at_most: "there are {0} collections already; remove one first", "ci sono già {0} raccolte; prima eliminane una";
    addresses_at_most: "the account has {0} addresses already; remove one first", "l’account ha già {0} indirizzi; prima rimuovine uno";
    make_link: "Make a link for somebody", "Crea un link per qualcuno";
    make_the_link: "Make the link", "Crea il link";
    make_link_why: "Whoever has the link sees this badge alone, also while your page is private. It ends by itself, and you can withdraw it.", "Chi ha il link vede solo questo badge, anche se la tua pagina è privata. Finisce da sé, e puoi ritirarlo.";
    link_label: "For whom, so that you remember", "Per chi, così te lo ricordi";
    link_days: "It holds for", "Vale per";
    shared_until: "Shown to you by its holder, until {0}.", "Mostrato a te da chi lo possiede, fino al {0}.";
    sharing: "What you share", "Che cosa condividi";
    sharing_why: "All that others can see of your badges, by which link, since when.", "Tutto ciò che gli altri possono vedere dei tuoi badge, con quale link, da quando.";
    nothing_shared: "Nothing: your page is private, and no link holds.", "Nulla: la tua pagina è privata, e non c’è alcun link valido.";
    my_page: "Your page", "La tua pagina";
    by_page: "On your public page", "Sulla tua pagina pubblica";
    by_collection: "Collection", "Raccolta";
    by_link: "By link", "Con un link";
    since: "since", "dal";
    until: "until", "fino al";
    collections: "Collections", "Raccolte";
    collections_why: "Badges that belong together, on a page of their own under yours.", "Badge che stanno bene insieme, su una pagina loro sotto la tua.";
    collection_new: "New collection", "Nuova raccolta";
    collection_edit: "Change the collection", "Modifica la raccolta";
    collection_text: "What it is about", "Di che cosa si tratta";
    collection_show: "My page leads to it", "La mia pagina la mostra";
    collection_shown: "On your page", "Sulla tua pagina";
    collection_hidden: "Not on your page", "Non è sulla tua pagina";
    collection_name_missing: "Give it a name", "Dalle un nome";
    collection_remove: "Take the collection apart", "Sciogli la raccolta";

    // help
    help_what: "Badges here are Open Badges: pictures that carry who gave them, to whom and what for, and that anyone can check.", "I badge qui sono Open Badges: immagini che portano con sé chi li ha dati, a chi e perché, e che chiunque può verificare.";
    q_free: "What does it cost?", "Quanto costa?";
    a_free: "Nothing. To keep or to check a badge you need no account.", "Nulla. Per conservare o verificare un badge non serve un account.";
    q_get: "How do I get a badge?", "Come ottengo un badge?";
    a_get: "Its page in the catalogue says what it takes. Where there is a form, ask for it there; else whoever issues it gives it to those who earned it. You get an invitation by mail.", "La sua pagina nel catalogo dice che cosa serve. Dove c’è un modulo, richiedilo lì; altrimenti chi lo rilascia lo assegna a chi l’ha meritato. Ricevi un invito per e-mail.";
    q_mail: "No mail has come", "Non è arrivata alcuna e-mail";
    a_mail: "Look among unwanted mail, and make sure that the address is right. Then ask whoever gives the badge to send the invitation again.", "Guarda fra la posta indesiderata, e controlla che l’indirizzo sia giusto. Poi chiedi a chi assegna il badge di rimandare l’invito.";
    q_check: "How is a badge checked?", "Come si verifica un badge?";
    a_check: "Download the picture and drop it into Satchel or any other program for Open Badges. The check reads the signature in it, and needs neither us nor an account.", "Scarica l’immagine e trascinala in Satchel o in un altro programma per Open Badges. La verifica legge la firma che contiene, e non richiede né noi né un account.";
    q_see: "Who sees my badges?", "Chi vede i miei badge?";
    a_see: "You alone, until you publish your page. You can hide each badge, and take the page back at any time.", "Solo tu, finché non pubblichi la tua pagina. Puoi nascondere ogni badge, e ritirare la pagina quando vuoi.";
    q_leave: "How do I leave?", "Come me ne vado?";
    a_leave: "In the settings you download everything that is kept about you, and delete your account. Badges that you downloaded stay yours.", "Nelle impostazioni scarichi tutto ciò che conserviamo su di te, ed elimini l’account. I badge che hai scaricato restano tuoi.";
    write_us: "Write to us", "Scrivici";
    accessibility: "Accessibility", "Accessibilità";
    accessibility_what: "What holds for people who read or use these pages in their own way, and for which browsers.", "Che cosa vale per chi legge o usa queste pagine a modo suo, e per quali browser.";
    accessibility_aim: "What we aim for", "A che cosa puntiamo";
    accessibility_aim_why: "WCAG 2.2, level AA: everything by keyboard, text at 200 %, contrast, words for every picture, errors that are told in words and at their place. No task needs JavaScript.", "WCAG 2.2, livello AA: tutto da tastiera, testo al 200 %, contrasto, parole per ogni immagine, errori detti a parole e al loro posto. Nessuna operazione richiede JavaScript.";
    accessibility_tried: "What is tested", "Che cosa è verificato";
    accessibility_tried_why: "With each change of the program these pages are opened by an automatic check in Chromium, wide and at 360 pixels, in light and dark, in English and Italian, with and without JavaScript; in Firefox ESR at 900 pixels. The pages of the staff are also used by keyboard alone.", "A ogni modifica del programma queste pagine sono aperte da un controllo automatico in Chromium, larghe e a 360 pixel, chiare e scure, in inglese e in italiano, con e senza JavaScript; in Firefox ESR a 900 pixel. Le pagine del personale sono usate anche con la sola tastiera.";
    accessibility_untried: "Safari and Edge themselves, phones, and screen readers are not part of that. An automatic check finds a part of what can be wrong. No audit by people with disabilities was made yet.", "Safari ed Edge veri e propri, i telefoni e i lettori di schermo non ne fanno parte. Un controllo automatico trova una parte di ciò che può non andare. Non c’è ancora stata una verifica fatta da persone con disabilità.";
    browsers: "Browsers", "Browser";
    browsers_why: "Made for current Chrome, Edge, Firefox and Safari, on desktop and mobile.", "Pensate per Chrome, Edge, Firefox e Safari attuali, su computer e telefono.";
    browsers_old: "Older ones show the same pages more plainly, and every form works.", "Quelli meno recenti mostrano le stesse pagine in modo più semplice, e ogni modulo funziona.";
    accessibility_tell: "Something does not work for you?", "Qualcosa per te non funziona?";
    accessibility_tell_why: "Tell us with the form for questions, which you find under Help.", "Diccelo con il modulo per le domande, che trovi alla voce Aiuto.";
}

impl Words {
    /// So many badges.
    pub fn badges(self, many: i64) -> String {
        let one = if self.0 == Language::Italian || many == 1 { "badge" } else { "badges" };
        format!("{} {one}", self.number(many))
    }

    /// So many times.
    pub fn times(self, many: i64) -> String {
        match (self.0, many) {
            (Language::English, 1) => String::from("once"),
            (Language::Italian, 1) => String::from("una volta"),
            (Language::English, _) => format!("{} times", self.number(many)),
            (Language::Italian, _) => format!("{} volte", self.number(many)),
        }
    }

    /// A number, with its thousands apart.
    pub fn number(self, number: i64) -> String {
        let digits = number.to_string();
        let mark = if self.0 == Language::Italian { '.' } else { ',' };
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 3 {
                out.push(mark);
            }
            out.push(digit);
        }
        out
    }

    /// A kind of achievement, of those that Open Badges 3.0 has; others as they are written.
    pub fn kind(self, name: &str) -> String {
        const KINDS: [(&str, &str, &str); 22] = [
            ("Achievement", "Achievement", "Risultato"),
            ("ApprenticeshipCertificate", "Apprenticeship", "Apprendistato"),
            ("Assessment", "Assessment", "Valutazione"),
            ("Award", "Award", "Riconoscimento"),
            ("Badge", "Badge", "Badge"),
            ("BachelorDegree", "Bachelor’s degree", "Laurea"),
            ("Certificate", "Certificate", "Certificato"),
            ("CertificateOfCompletion", "Certificate of completion", "Attestato di frequenza"),
            ("Certification", "Certification", "Certificazione"),
            ("CoCurricular", "Beside the curriculum", "Attività integrativa"),
            ("CommunityService", "Community service", "Servizio alla comunità"),
            ("Competency", "Skill", "Competenza"),
            ("Course", "Course", "Corso"),
            ("Degree", "Degree", "Titolo di studio"),
            ("Diploma", "Diploma", "Diploma"),
            ("Fieldwork", "Field work", "Lavoro sul campo"),
            ("LearningProgram", "Programme", "Percorso formativo"),
            ("License", "Licence", "Abilitazione"),
            ("MasterDegree", "Master’s degree", "Laurea magistrale"),
            ("Membership", "Membership", "Appartenenza"),
            ("MicroCredential", "Micro-credential", "Microcredenziale"),
            ("SecondarySchoolDiploma", "Secondary school diploma", "Diploma di scuola secondaria"),
        ];
        let known = KINDS.iter().find(|(kind, ..)| *kind == name);
        known.map_or_else(
            || name.trim_start_matches("ext:").to_owned(),
            |(_, english, italian)| {
                if self.0 == Language::Italian { (*italian).to_owned() } else { (*english).to_owned() }
            },
        )
    }

    /// A language by its tag.
    pub fn language(self, tag: &str) -> String {
        const LANGUAGES: [(&str, &str, &str); 24] = [
            ("ar", "Arabic", "Arabo"),
            ("ca", "Catalan", "Catalano"),
            ("cs", "Czech", "Ceco"),
            ("da", "Danish", "Danese"),
            ("de", "German", "Tedesco"),
            ("el", "Greek", "Greco"),
            ("en", "English", "Inglese"),
            ("es", "Spanish", "Spagnolo"),
            ("fi", "Finnish", "Finlandese"),
            ("fr", "French", "Francese"),
            ("hr", "Croatian", "Croato"),
            ("it", "Italian", "Italiano"),
            ("ja", "Japanese", "Giapponese"),
            ("ko", "Korean", "Coreano"),
            ("nl", "Dutch", "Olandese"),
            ("pl", "Polish", "Polacco"),
            ("pt", "Portuguese", "Portoghese"),
            ("ro", "Romanian", "Romeno"),
            ("ru", "Russian", "Russo"),
            ("sl", "Slovenian", "Sloveno"),
            ("sv", "Swedish", "Svedese"),
            ("tr", "Turkish", "Turco"),
            ("uk", "Ukrainian", "Ucraino"),
            ("zh", "Chinese", "Cinese"),
        ];
        let known = LANGUAGES.iter().find(|(known, ..)| *known == tag);
        known.map_or_else(
            || tag.to_owned(),
            |(_, english, italian)| {
                if self.0 == Language::Italian { (*italian).to_owned() } else { (*english).to_owned() }
            },
        )
    }
}
