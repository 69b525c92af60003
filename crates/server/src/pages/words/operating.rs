//! The words of terms and notices, and of the pages of those who run the server.

use satchel_protocol::Language;

use super::Words;

words! {
    // terms and notices
    notices: "Terms and privacy", "Condizioni e privacy";
    notices_what: "Who answers for what here, and the terms and privacy notices that hold.", "Chi risponde di che cosa qui, e le condizioni e le informative sulla privacy in vigore.";
    who_answers: "Who answers for what", "Chi risponde di che cosa";
    answers_operator: "{0} runs this service and answers for accounts: names, addresses, dates of birth, signing in, and the pages that people make public.", "{0} gestisce questo servizio e risponde degli account: nomi, indirizzi, date di nascita, accesso e pagine che le persone rendono pubbliche.";
    answers_nameless: "Whoever runs this service answers for accounts: names, addresses, dates of birth, signing in, and the pages that people make public.", "Chi gestisce questo servizio risponde degli account: nomi, indirizzi, date di nascita, accesso e pagine che le persone rendono pubbliche.";
    answers_issuer: "The issuer of a badge answers for it: to whom it is given and why, what it says, and what people send who ask for it.", "L’ente che rilascia un badge ne risponde: a chi lo assegna e perché, che cosa dice, e ciò che invia chi lo richiede.";
    answers_you: "You decide who sees your page and each badge on it, and you can take everything along or delete your account at any time.", "Sei tu a decidere chi vede la tua pagina e ogni badge, e puoi scaricare tutto o eliminare l’account in qualsiasi momento.";
    kept_how_long: "How long data are kept", "Per quanto tempo si conservano i dati";
    kept_unused: "An account that nobody uses for {0} months is erased. Its owner is told by mail {1} days before.", "Un account che nessuno usa per {0} mesi viene eliminato. Chi lo possiede è avvisato per e-mail {1} giorni prima.";
    kept_never: "An account is kept until its owner deletes it.", "Un account resta finché chi lo possiede non lo elimina.";
    kept_requests: "What people send who ask for a badge is erased {0} days after the decision.", "Ciò che invia chi richiede un badge è cancellato {0} giorni dopo la decisione.";
    kept_invitations: "What an invitation says that came to nothing is erased after {0} days.", "I dati di un invito rimasto senza esito sono cancellati dopo {0} giorni.";
    of_this_service: "Of this service", "Di questo servizio";
    of_issuers: "Of the issuers", "Degli enti";
    no_notices: "Whoever runs this service has not published any yet.", "Chi gestisce questo servizio non ne ha ancora pubblicate.";
    terms: "Terms of use", "Condizioni d’uso";
    privacy: "Privacy notice", "Informativa sulla privacy";
    version_since: "Version {0}, since {1}", "Versione {0}, dal {1}";
    version_of: "{0}, version {1}", "{0}, versione {1}";
    was_version: "This is an earlier version. Another one holds now.", "Questa è una versione precedente. Ora ne vale un’altra.";
    see_current: "Read the one that holds", "Leggi quella in vigore";
    versions: "Versions", "Versioni";
    by_registering: "By registering you accept what holds here:", "Registrandoti accetti ciò che vale qui:";
    holds_here: "What holds here:", "Che cosa vale qui:";
    holds_of: "{0} answers for this badge:", "Di questo badge risponde {0}:";
    answers_for_badge: "{0} answers for this badge, whoever runs the service for your account.", "{0} risponde di questo badge, chi gestisce il servizio risponde del tuo account.";
    notices_changed: "This has changed since you were last here:", "Dalla tua ultima visita questo è cambiato:";
    notices_changed_now: "What holds here changed while this page was open. Read it below, and go on.", "Mentre la pagina era aperta è cambiato ciò che vale qui. Leggilo qui sotto e prosegui.";
    notices_hint: "A blank line parts paragraphs, and # begins a heading. Each version stays readable; nobody can change it afterwards.", "Una riga vuota separa i paragrafi e # inizia un titolo. Ogni versione resta leggibile; nessuno può cambiarla in seguito.";
    in_english: "In English", "In inglese";
    in_italian: "In Italian", "In italiano";
    one_language_is_enough: "One language is enough: whoever reads in the other one gets this.", "Una lingua basta: chi legge nell’altra vede questa.";
    write_version: "Write the next version", "Scrivi la versione successiva";
    publish: "Publish", "Pubblica";
    same_as_before: "This is what the version before says.", "È ciò che dice la versione precedente.";
    text_long: "At most {0} letters.", "Al massimo {0} caratteri.";
    never_published: "Not published yet", "Non ancora pubblicata";
    shown_to_people: "Shown to {0}", "Mostrata a {0}";
    take_back: "Take back", "Ritira";
    shown_already: "Somebody was shown it already", "Qualcuno l’ha già vista";
    shown_already_why: "What people were shown stays. Publish another version instead.", "Ciò che è stato mostrato resta. Pubblica piuttosto un’altra versione.";
    this_service: "This service", "Questo servizio";

    // the pages of operators
    rules: "Rules", "Regole";
    rules_what: "How this server is set. Settings stand in its file, so that a backup of that file is a backup of them; they hold from its next start.", "Com’è impostato questo server. Le impostazioni stanno nel suo file, così una copia di quel file è una copia di tutte; valgono dal prossimo avvio.";
    rules_how: "To change a rule, on the machine of the server:", "Per cambiare una regola, sulla macchina del server:";
    rules_addresses: "Whom people write to", "A chi si scrive";
    rules_addresses_how: "These are settings of the same file: support, provider_support, contact, operator.", "Sono impostazioni dello stesso file: support, provider_support, contact, operator.";
    for_users: "People who use the service", "Chi usa il servizio";
    for_administrators: "Administrators of institutions’ logins", "Chi amministra gli accessi degli enti";
    other_ways: "Other ways", "Altri modi";
    not_set: "Not set", "Non impostato";
    look_ended: "signing in through it has ended", "l’accesso attraverso di esso è terminato";
    look_public: "no client secret: this server is a public client there", "nessun segreto: questo server lì è un client pubblico";
    look_secret: "the client secret can be read", "il segreto si può leggere";
    look_no_secret: "the client secret cannot be read: {0}", "il segreto non si può leggere: {0}";
    look_no_discovery: "it does not answer as it must: {0}", "non risponde come deve: {0}";
    look_discovery: "discovery answers, and the issuer is {0}", "la discovery risponde, e l’issuer è {0}";
    look_keys: "{0} keys", "{0} chiavi";
    look_algorithm: "an algorithm that is believed", "un algoritmo a cui si crede";
    look_claim: "it does not list the claim {0}; a sign-in shows whether it comes", "non elenca il claim {0}; un accesso mostra se arriva";
    look_can: "names itself in its answers (RFC 9207): {0}; tells when sessions end: {1}; has a page to sign out: {2}", "si nomina nelle risposte (RFC 9207): {0}; comunica la fine delle sessioni: {1}; ha una pagina per uscire: {2}";
    look_nobody: "nobody has signed in through it since it was added or changed", "nessuno vi ha ancora fatto accesso da quando è stato aggiunto o modificato";
    look_came: "all claims came when somebody signed in last, at {0}", "tutti i claim sono arrivati all’ultimo accesso, {0}";
    look_lacked: "when somebody signed in last, at {0}, these claims did not come: {1}", "all’ultimo accesso, {0}, questi claim non sono arrivati: {1}";
    look_no_token: "it has no token endpoint", "non ha un token endpoint";
    look_token_down: "its token endpoint does not answer: {0}", "il suo token endpoint non risponde: {0}";
    look_known: "it takes the client {0} and its secret", "accetta il client {0} e il suo segreto";
    look_not_known: "it does not take the client {0} with this secret: {1}", "non accetta il client {0} con questo segreto: {1}";
    look_refused: "nothing was changed. Mend that, or say --untested", "nulla è cambiato. Rimedia, o aggiungi --untested";
    provider_issuer: "Issuer identifier", "Identificativo (issuer)";
    provider_domains: "Mail domains", "Domini di posta";
    provider_roles: "Roles by groups", "Ruoli dai gruppi";
    provider_ended: "Ended on {0}", "Terminato il {0}";
    providers: "Institutions", "Enti di accesso";
    providers_hint: "A part of a name, an address or a domain", "Una parte di un nome, di un indirizzo o di un dominio";
    providers_none: "Nothing is found under this.", "Nessun risultato.";
    provider_role_holds: "{0}, each until {1} hours after the last sign-in", "{0}, ciascuno fino a {1} ore dopo l’ultimo accesso";
    providers_what: "Institutions through which people sign in.", "Enti attraverso i quali si accede.";
    providers_how: "To add one, on the machine of the server:", "Per aggiungerne uno, sulla macchina del server:";
    providers_how_why: "Its secret is in a file there, which no page shows or takes. Those who run it find what they need to know on this page:", "Il suo segreto sta lì in un file, che nessuna pagina mostra né accetta. Chi lo gestisce trova ciò che gli serve in questa pagina:";
    no_providers: "There is none yet: people sign in with a password.", "Non ce n’è ancora: si accede con la password.";
    provider_seen: "Last arrival", "Ultimo arrivo";
    provider_lacked: "Did not say: {0}", "Non ha indicato: {0}";
    provider_ends: "Ends on {0}", "Termina il {0}";
    provider_address: "Whom its people write to", "A chi scrive chi vi appartiene";
    nobody_yet: "Nobody yet", "Ancora nessuno";
    users: "Users", "Utenti";
    users_hint: "A part of a name or of an address", "Una parte del nome o dell’indirizzo";
    users_short: "Write at least two letters.", "Scrivi almeno due lettere.";
    users_none: "Nobody is found under this.", "Nessuno corrisponde.";
    users_what: "That you looked is in the record of acts.", "La ricerca resta nel registro degli atti.";
    state_active: "In use", "In uso";
    state_blocked: "Blocked", "Bloccato";
    state_under_age: "Suspended: too young", "Sospeso: troppo giovane";
    is_operator: "Runs the server", "Gestisce il server";
    is_staff: "Acts for {0}", "Agisce per {0}";
    account_made: "Account made", "Account creato";
    last_here: "Last here", "Ultima visita";
    holds_badges: "Badges", "Badge";
    second_step: "Second step", "Secondo passaggio";
    no: "No", "No";
    open_sessions: "Open sessions", "Sessioni aperte";
    open_programs: "Programs", "Programmi";
    block: "Block", "Blocca";
    block_why: "Nobody gets in with this account any more, and its sessions end. Its public page stays. You can unblock it.", "Con questo account non entra più nessuno, e le sessioni finiscono. La pagina pubblica resta. Puoi sbloccarlo.";
    unblock: "Unblock", "Sblocca";
    end_all: "End all sessions", "Chiudi tutte le sessioni";
    end_all_why: "In browsers and in programs. Its owner signs in again.", "Nei browser e nei programmi. Chi lo possiede accede di nuovo.";
    not_yourself: "This is your own account; another operator can do this.", "È il tuo account; può farlo un altro gestore.";
    changed_meanwhile: "Somebody else has changed this meanwhile", "Nel frattempo qualcuno l’ha cambiato";
    changed_meanwhile_why: "Look at how it stands now.", "Guarda com’è adesso.";
    notices_shown: "Shown terms and notices", "Condizioni e informative mostrate";

    // rules, by the names of their settings
    rule_registration: "Who may register: invited, or open to everybody", "Chi può registrarsi: chi è invitato (invited) o chiunque (open)";
    rule_minimum_age: "How old one must be, in years", "Età minima, in anni";
    rule_second_factor: "Who must have a second step: staff, all, or optional", "Chi deve avere un secondo passaggio: il personale (staff), chiunque (all), nessuno (optional)";
    rule_first_badge_visibility: "What the first badge does to its owner’s page: ask, public or private", "Che cosa fa il primo badge alla pagina: chiede (ask), la rende pubblica (public) o privata (private)";
    rule_invitation_days: "How long an invitation may be accepted, in days", "Per quanti giorni si può accettare un invito";
    rule_erase_after_days: "How long the data of an invitation are kept that came to nothing, in days", "Per quanti giorni si conservano i dati di un invito rimasto senza esito";
    rule_request_days: "How long the data of a request are kept once it is decided, in days", "Per quanti giorni si conservano i dati di una richiesta già decisa";
    rule_unused_months: "After how many months an account that nobody uses is erased; 0 is never", "Dopo quanti mesi si elimina un account che nessuno usa; 0 vuol dire mai";

    // mails
    mail_unused_subject: "Your account on {0} will be erased", "Il tuo account su {0} sarà eliminato";
    mail_unused: "You have not used your account on {0} for almost {1} months. On {2} it will be erased, with the badges that are kept in it.", "Non usi il tuo account su {0} da quasi {1} mesi. Il {2} sarà eliminato, con i badge che contiene.";
    mail_unused_what: "To keep it, sign in once. Badges that you have downloaded, or keep in the app, stay yours.", "Per tenerlo basta accedere una volta. I badge che hai scaricato, o che tieni nell’app, restano tuoi.";
}
