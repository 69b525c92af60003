//! The words of pages and mails, each in every language: one table, so that words without a translation do not compile. `{0}`, `{1}` are
//! gaps; what fills them is escaped by the template like all text.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use satchel_protocol::Language;

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Language);

macro_rules! words {
    ($($name:ident: $english:literal, $italian:literal;)+) => {
        #[allow(missing_docs, reason = "each is its own words")]
        impl Words {
            $(pub const fn $name(self) -> &'static str {
                match self.0 { Language::English => $english, Language::Italian => $italian }
            })+
        }
    };
}

mod operating;
mod public;

words! {
    in_app: "Answer in the Satchel app", "Rispondi nell’app Satchel";
    // what is around every page
    skip: "Skip to content", "Vai al contenuto";
    navigation: "Main", "Principale";
    other_language: "Italiano", "English";
    run_by: "Run by {0}", "Servizio di {0}";
    help: "Help", "Aiuto";
    error: "Error", "Errore";
    there_is_a_problem: "There is a problem", "C’è un problema";
    that_did_not_work: "That did not work", "Non è andata";
    not_here: "There is nothing here", "Qui non c’è nulla";
    not_here_why: "The address is not complete, or what was here is gone.", "L’indirizzo non è completo, o ciò che c’era non c’è più.";
    elsewhere: "This service is at another address", "Questo servizio è a un altro indirizzo";
    to_start: "To the first page", "Alla pagina iniziale";
    save: "Save", "Salva";
    write_to: "If you are stuck, write to {0}.", "Se sei in difficoltà, scrivi a {0}.";
    home_what: "Find badges, earn them, keep them and show them to whom you like.", "Trova i badge, ottienili, conservali e mostrali a chi vuoi.";
    locale: "en_GB", "it_IT";

    home_how: "An invitation comes by e-mail. If you have an account, sign in.", "L’invito arriva per e-mail. Se hai un account, accedi.";

    // signing in
    sign_in: "Sign in", "Accedi";
    sign_out: "Sign out", "Esci";
    email: "E-mail address", "Indirizzo e-mail";
    password: "Password", "Password";
    forgot: "I forgot my password", "Ho dimenticato la password";
    no_account: "I have no account", "Non ho un account";
    have_account: "I have an account", "Ho già un account";
    signed_out_meanwhile: "You were signed out before what you sent arrived, so nothing was changed. Sign in and send it again.", "Eri già disconnesso quando è arrivato ciò che hai inviato, quindi nulla è cambiato. Accedi e invialo di nuovo.";
    wrong_password: "The address or the password is not right.", "L’indirizzo o la password non sono corretti.";
    account_blocked: "This account was blocked by the staff.", "Questo account è stato bloccato dal personale.";
    account_erased_in: "It is erased in {0} days. Until then you may download everything that is kept about you, or delete it at once.", "Sarà eliminato fra {0} giorni. Fino ad allora puoi scaricare tutto ciò che conserviamo su di te, o eliminarlo subito.";
    account_under_age: "This account is suspended: one must be at least {0} years old.", "Questo account è sospeso: bisogna avere almeno {0} anni.";

    // signing in through an institution
    used_last: "Used here last", "Usato qui per ultimo";
    your_institution: "Your institution", "Il tuo ente";
    search_institution: "Search for your institution", "Cerca il tuo ente";
    search: "Search", "Cerca";
    no_institution: "No institution here goes by that name. If yours should be here, write to us.", "Nessun ente qui ha questo nome. Se il tuo dovrebbe esserci, scrivici.";
    more_institutions: "There are more: write more of the name.", "Ce ne sono altri: scrivi di più del nome.";
    or_with_password: "Or with a password", "Oppure con una password";
    or_by_institution: "Or sign in through your institution: that needs no invitation.", "Oppure accedi attraverso il tuo ente: non serve alcun invito.";
    institution_knows_you: "The address is one of these: sign in there, without a new password.", "L’indirizzo è di uno di questi: accedi lì, senza una nuova password.";
    leaving: "Sign in at your institution", "Accedi presso il tuo ente";
    leaving_to: "You go on to {0}. Your password stays there; we never see it.", "Prosegui verso {0}. La password resta lì; noi non la vediamo mai.";
    leaving_go_on: "Go on to {0}", "Prosegui verso {0}";
    back: "Back", "Indietro";
    almost_there: "Almost there", "Ci siamo quasi";
    came_as: "{0} says that you are {1}, {2}. This is changed there and not here.", "{0} dice che sei {1}, {2}. Questi dati si cambiano lì e non qui.";
    only_birth_date: "We need one more thing: your date of birth.", "Ci serve solo un’altra cosa: la tua data di nascita.";
    use_another_login: "Use another login", "Usa un altro accesso";
    try_tomorrow_login: "You cannot register with this login today. Try again tomorrow.", "Oggi non puoi registrarti con questo accesso. Riprova domani.";
    date_was_refused: "A date of birth that is too recent was given for it within a day. If it was a slip, give the right one tomorrow.", "Per esso è stata data, da meno di un giorno, una data di nascita troppo recente. Se era una svista, dai quella giusta domani.";
    no_other_date_today: "No other date is taken for this login today. If it was a slip, give the right one tomorrow.", "Oggi per questo accesso non si accetta un’altra data. Se era una svista, dai quella giusta domani.";
    many_dates: "Several different dates of birth were given for this login within a day, so none is taken any more today.", "Per questo accesso sono state date più date di nascita diverse in un giorno, quindi oggi non se ne accettano altre.";
    many_dates_then: "Come back tomorrow, with the right one.", "Torna domani, con quella giusta.";
    one_more_proof: "One more proof", "Ancora una prova";
    address_not_vouched: "The word of {0} is not enough for the address {1}. Prove by a mail to it that it is yours.", "La parola di {0} non basta per l’indirizzo {1}. Dimostra con un’e-mail che è tuo.";
    or_sign_in_first: "If you have an account here already, you may sign in to it instead; this login is then added to it.", "Se hai già un account qui, puoi invece accedere a quello; questo accesso vi sarà aggiunto.";
    account_is_there: "There is an account for {0} already.", "Esiste già un account per {0}.";
    prove_it_is_yours: "To add this login to it, prove that it is yours. Nobody else gets into it, and you need no second account.", "Per aggiungervi questo accesso, dimostra che è tuo. Nessun altro vi entra, e non ti serve un secondo account.";
    sign_in_to_it: "Sign in to that account", "Accedi a quell’account";
    send_mail_to: "Send a mail to {0}", "Invia un’e-mail a {0}";
    in_this_browser: "Open the link in the browser in which you began.", "Apri il collegamento nel browser in cui hai iniziato.";
    other_browser: "Open this in the other browser", "Aprilo nell’altro browser";
    other_browser_why: "This link finishes a sign-in that was begun in another browser. Open it there, or begin again here. If you began none, do nothing: nobody gets in without you.", "Questo collegamento completa un accesso iniziato in un altro browser. Aprilo lì, o ricomincia qui. Se non ne hai iniziato alcuno, non fare nulla: senza di te non entra nessuno.";
    sign_in_once_more: "Sign in once more to get a new one.", "Accedi di nuovo per riceverne un altro.";
    proof_intro: "{0} is yours, and you go on with the login of {1}.", "{0} è tuo, e prosegui con l’accesso di {1}.";
    join_title: "Add this login?", "Aggiungere questo accesso?";
    join_button: "Add the login", "Aggiungi l’accesso";
    join_not: "Not now", "Non ora";
    join_intro: "{0}, {1}, of {2} will be a login of the account of {3}.", "{0}, {1}, di {2} sarà un accesso dell’account di {3}.";
    join_gives_way: "This login has an account of its own, in which there is nothing. That account is closed, and its address comes here.", "Questo accesso ha un account suo, in cui non c’è nulla. Quell’account viene chiuso, e il suo indirizzo passa qui.";
    join_what: "Both ways in then work. Name and surname come from the institution from then on. You can undo it for 30 days.", "Entrambi gli accessi allora funzionano. Da quel momento nome e cognome vengono dall’ente. Puoi annullare per 30 giorni.";
    undo_title: "Part this login from the account?", "Separare questo accesso dall’account?";
    undo_button: "Undo", "Annulla l’unione";
    undo_intro: "The login of {0} leads to this account no more, name and surname are as they were before, and all browsers are signed out. A second step that was set up since then goes, too.", "L’accesso di {0} non porta più a questo account, nome e cognome tornano come prima, e tutti i browser vengono disconnessi. Se ne va anche un secondo passaggio configurato nel frattempo.";
    undo_intro_here: "The login of {0} leads to this account no more, name and surname are as they were before, and all other browsers are signed out. A second step that was set up since then goes, too.", "L’accesso di {0} non porta più a questo account, nome e cognome tornano come prima, e tutti gli altri browser vengono disconnessi. Se ne va anche un secondo passaggio configurato nel frattempo.";
    undo_over: "It was used, or is older than 30 days.", "È stato usato, o ha più di 30 giorni.";
    undone: "It is undone", "Unione annullata";
    undone_why: "The login of {0} leads to this account no more.", "L’accesso di {0} non porta più a questo account.";
    last_login: "this is the only way into the account", "questo è l’unico accesso all’account";
    not_signed_in: "You are not signed in", "Accesso non riuscito";
    login_not_added: "No login was added", "Nessun accesso aggiunto";
    sign_in_again: "Sign in again", "Accedi di nuovo";
    write_to_provider: "For help at {0}, write to {1}.", "Per aiuto presso {0}, scrivi a {1}.";
    login_nothing_changed: "Nothing was changed here, and nothing about you was kept.", "Qui nulla è cambiato, e nulla su di te è stato conservato.";
    login_cancelled: "The sign-in at {0} was not finished.", "L’accesso presso {0} non è stato completato.";
    login_cancelled_then: "You may try again, or choose another way.", "Puoi riprovare, o scegliere un altro modo.";
    login_down: "{0} does not answer now.", "{0} al momento non risponde.";
    login_down_then: "Try again in some minutes.", "Riprova fra qualche minuto.";
    login_or_password: "If you have a password here, you may use it.", "Se hai una password qui, puoi usarla.";
    login_ours: "This service is not set up for {0} as it must be, so nobody can sign in through it now.", "Questo servizio non è configurato come deve per {0}, quindi ora nessuno può accedere attraverso di esso.";
    login_ours_then: "It is no fault of yours, nor of the institution. Write to us and quote what stands below.", "Non è colpa tua, né dell’ente. Scrivici citando ciò che sta qui sotto.";
    login_ended: "Signing in through {0} has ended.", "L’accesso attraverso {0} è terminato.";
    login_ended_then: "If you have another way in, use that one; else write to us.", "Se hai un altro accesso, usa quello; altrimenti scrivici.";
    login_not_believed: "The answer of {0} could not be confirmed, so it was not used.", "La risposta di {0} non si è potuta confermare, quindi non è stata usata.";
    login_not_believed_then: "Try again. If it happens once more, write to us and quote what stands below.", "Riprova. Se succede ancora, scrivici citando ciò che sta qui sotto.";
    login_strayed: "This sign-in was not begun in this browser, or took too long.", "Questo accesso non è stato iniziato in questo browser, o ha richiesto troppo tempo.";
    login_strayed_then: "Begin again from the page to sign in.", "Ricomincia dalla pagina di accesso.";
    login_lacking: "{0} did not say everything that is needed. Missing: {1}.", "{0} non ha comunicato tutto ciò che serve. Manca: {1}.";
    login_lacking_then: "Only your institution can change that. Write to its support, and name what is missing.", "Solo il tuo ente può rimediare. Scrivi alla sua assistenza, e indica che cosa manca.";
    login_of_another: "This login of {0} belongs to another account already.", "Questo accesso di {0} appartiene già a un altro account.";
    login_of_another_then: "There are badges or other ways in there, and two such accounts are not made one here. To have the login lead to this account, sign in with it, set a password there, and remove it there; then add it here. Both accounts stay, each with its badges.", "Lì ci sono badge o altri accessi, e due account così qui non diventano uno. Perché l’accesso porti a questo account, usalo per accedere, imposta lì una password e rimuovilo lì; poi aggiungilo qui. Entrambi gli account restano, ciascuno con i suoi badge.";
    login_closed: "The account was blocked by the staff, or is suspended.", "L’account è stato bloccato dal personale, o è sospeso.";
    login_closed_then: "Write to us if you think that this is wrong.", "Scrivici se pensi che sia un errore.";
    signed_out: "You are signed out", "Hai effettuato l’uscita";
    signed_out_there: "You are signed out here and at your institution.", "Hai effettuato l’uscita qui e presso il tuo ente.";
    still_signed_in_there: "You may still be signed in at {0}. On a computer that others use, sign out there too.", "Potresti essere ancora connesso presso {0}. Su un computer usato anche da altri, esci anche lì.";
    sign_out_there: "Sign out at {0} too", "Esci anche da {0}";
    names_come_from: "Your name and surname come from {0} and are refreshed whenever you sign in through it. Have them changed there.", "Nome e cognome vengono da {0} e si aggiornano a ogni accesso attraverso di esso. Falli cambiare lì.";
    logins_title: "Addresses and ways in", "Indirizzi e accessi";
    addresses: "Your addresses", "I tuoi indirizzi";
    addresses_what: "Badges for any of them are yours.", "I badge per ciascuno di essi sono tuoi.";
    mail_goes_here: "mail goes here", "la posta arriva qui";
    said_by: "from", "da";
    main_address: "Have mail go here", "Ricevi qui la posta";
    remove_address: "Remove the address", "Rimuovi l’indirizzo";
    add_address: "Add an address", "Aggiungi un indirizzo";
    add_address_what: "For example a private one, so that the account stays yours when you leave your institution.", "Per esempio uno privato, così l’account resta tuo quando lasci il tuo ente.";
    ways_in: "Ways in", "Accessi";
    ways_in_what: "Each of them leads to this account. The last one stays.", "Ciascuno porta a questo account. L’ultimo resta.";
    no_password_yet: "There is none: your institution signs you in.", "Non c’è: ti fa accedere il tuo ente.";
    set_a_password: "Set a password", "Imposta una password";
    set_a_password_what: "With it you sign in without your institution too.", "Con essa accedi anche senza il tuo ente.";
    ends_on: "ends on", "termina il";
    remove_login: "Remove", "Rimuovi";
    remove_login_title: "Remove this login?", "Rimuovere questo accesso?";
    remove_login_what: "The login of {0} leads to this account no more. Other browsers are signed out.", "L’accesso di {0} non porta più a questo account. Gli altri browser vengono disconnessi.";
    joined_lately: "Joined lately", "Uniti di recente";
    joined_on: "{0}, on {1}", "{0}, il {1}";
    undo_within: "You can undo this for 30 days.", "Puoi annullare entro 30 giorni.";
    add_login: "Add a way in", "Aggiungi un accesso";
    add_login_what: "You go there to sign in, and come back here.", "Vai lì ad accedere, e torni qui.";
    joined_lately_first: "You are here through a login that joined this account less than 30 days ago, and which its owner can still undo. To change this, sign in by a way into the account that you had before.", "Sei qui con un accesso unito a questo account da meno di 30 giorni, che il proprietario può ancora annullare. Per questa modifica, accedi in un modo che avevi già prima.";
    sign_in_anew: "To be sure that it is you, sign out and in again first.", "Per essere certi che sia tu, prima esci e accedi di nuovo.";
    prove_anew: "Show that it is you", "Dimostra che sei tu";
    prove_anew_what: "You have no password here, so your institution asks you for yours once more. You stay signed in, and come back to where you were.", "Qui non hai una password, quindi il tuo ente ti chiede ancora una volta la sua. Resti connesso, e torni dov’eri.";
    prove_anew_first: "To be sure that it is you, sign in at your institution again first. What you sent did nothing yet.", "Per essere certi che sia tu, prima accedi di nuovo presso il tuo ente. Ciò che hai inviato non ha ancora avuto effetto.";
    sign_in_anew_at: "Sign in again at {0}", "Accedi di nuovo presso {0}";
    not_proved: "It is not shown that it is you", "Non è dimostrato che sei tu";
    login_not_anew: "{0} did not confirm that you signed in there just now.", "{0} non ha confermato che hai effettuato l’accesso proprio ora.";
    login_not_anew_then: "Try again, and give your password there. If it happens once more, write to us and quote what stands below.", "Riprova, e inserisci lì la tua password. Se succede ancora, scrivici citando ciò che sta qui sotto.";
    login_somebody_else: "At {0}, somebody signed in whose login does not belong to this account.", "Presso {0} è stato effettuato un accesso che non appartiene a questo account.";
    login_somebody_else_then: "Sign in there with the login that leads to this account.", "Accedi lì con l’accesso che porta a questo account.";
    login_joined_lately: "The login of {0} joined this account less than 30 days ago, and that can still be undone. Use a way in that you had before.", "L’accesso di {0} si è unito a questo account da meno di 30 giorni, e l’unione si può ancora annullare. Usa un accesso che avevi già prima.";

    // for those who run a provider
    about_providers: "For institutions", "Per gli enti";
    about_what: "People of your institution can sign in here with the account that they have with you. This is what the service needs of you, and why.", "Le persone del tuo ente possono accedere qui con l’account che hanno presso di te. Ecco che cosa serve a questo servizio, e perché.";
    about_addresses: "Addresses to register", "Indirizzi da registrare";
    about_id: "ID is the short name that you agree on with whoever runs this service.", "ID è il nome breve che concordi con chi gestisce questo servizio.";
    about_return: "Where people come back", "Dove tornano le persone";
    about_ended: "Where you tell that a session is over (back-channel logout)", "Dove comunichi che una sessione è finita (back-channel logout)";
    about_out: "Where people land after signing out", "Dove arrivano le persone dopo l’uscita";
    about_metadata: "All of it for machines", "Tutto questo per le macchine";
    about_claims: "What you say of a person", "Che cosa dici di una persona";
    about_sub: "tells people apart. It must never go to another person; a pairwise one is best.", "distingue le persone. Non deve mai passare a un’altra persona; l’ideale è uno diverso per ogni servizio.";
    about_names: "whom badges are given to. Shown to the person, and on the page that they publish, if they do.", "a chi si danno i badge. Si mostrano alla persona, e sulla pagina che pubblica, se lo fa.";
    about_email: "badges are sent to an address. With email_verified, and once your domains are listed here, nobody needs to prove it again.", "i badge si inviano a un indirizzo. Con email_verified, e una volta elencati qui i tuoi domini, nessuno deve dimostrarlo di nuovo.";
    about_groups: "only where it was agreed that a group gives a role here.", "solo dove si è concordato che un gruppo dia un ruolo qui.";
    about_ends: "when the person leaves you, if you say so under a name that was agreed on: they are told 30 days before, and add another way in.", "quando la persona ti lascia, se lo dici sotto un nome concordato: lo si ricorda 30 giorni prima, perché aggiunga un altro accesso.";
    about_age: "The date of birth is asked from the person, because one must be {0} years old. Nothing else is asked, and no password ever comes here.", "La data di nascita si chiede alla persona, perché bisogna avere {0} anni. Non si chiede altro, e nessuna password arriva mai qui.";
    about_how: "How", "Come";
    about_protocol: "OpenID Connect: the authorization code flow with PKCE (S256), discovery, ID tokens signed with RS, PS, ES or EdDSA algorithms. For SAML, a bridge.", "OpenID Connect: authorization code flow con PKCE (S256), discovery, ID token firmati con algoritmi RS, PS, ES o EdDSA. Per SAML, un ponte.";
    about_write: "Questions:", "Domande:";

    // what programs may do
    consent_title: "Allow a program?", "Consentire l’accesso a un programma?";
    consent_who: "It calls itself", "Si presenta come";
    consent_from_here: "It says that it runs on this computer. Allow it only if you started it yourself just now.", "Dice di essere in esecuzione su questo computer. Consenti solo se lo hai avviato tu poco fa.";
    consent_from_host: "Nobody has checked this name. The answer goes to {0}.", "Nessuno ha verificato questo nome. La risposta va a {0}.";
    consent_asks: "It asks to", "Chiede di";
    consent_until: "You can end this at any time in your settings. It never learns your password.", "Puoi revocare l’accesso in qualsiasi momento dalle impostazioni. Il programma non conosce mai la tua password.";
    consent_allow: "Allow", "Consenti";
    consent_refuse: "Do not allow", "Non consentire";
    consent_as: "You are signed in as {0}.", "Hai effettuato l’accesso come {0}.";
    consent_other: "Use another account", "Usa un altro account";
    scope_wallet: "see your badges, invitations, addresses and profile; change your name, language and who sees your page; show badges on the page or hide them; accept or decline invitations for you; see your other programs and end them", "vedere i tuoi badge, gli inviti, gli indirizzi e il profilo; modificare nome, lingua e chi vede la tua pagina; mostrare badge nella pagina o nasconderli; accettare o rifiutare inviti per te; vedere i tuoi altri programmi e terminarli";
    scope_staff: "do what you may do as staff", "fare ciò che puoi fare come personale";
    scope_proposals: "propose awards in your name, which a desk then signs or not", "proporre badge a tuo nome, che un ente poi firma oppure no";
    devices: "Programs", "Programmi";
    devices_what: "Programs that you have allowed to act for you.", "Programmi a cui hai consentito di agire per te.";

    // registering
    register: "Register", "Registrati";
    register_intro: "You need an account to receive the badge. It costs nothing.", "Serve un account per ricevere il badge. Non costa nulla.";
    register_acting: "You need an account to act for whoever asked you. It costs nothing.", "Serve un account per operare per chi te l’ha chiesto. Non costa nulla.";
    register_plain: "You need an account to receive and keep badges. It costs nothing.", "Serve un account per ricevere e conservare badge. Non costa nulla.";
    register_operator: "With this account you run this service: you look after requests, messages and people. Institutions and issuers are added by the command satchel admin.", "Con questo account gestisci questo servizio: ti occupi di richieste, messaggi e persone. Gli enti si aggiungono con il comando satchel admin.";
    needs_invitation: "Registration needs an invitation for now.", "Per ora la registrazione richiede un invito.";
    invitation_spent: "This link was used, or is too old. If you have registered with it, sign in.", "Questo collegamento è stato usato, o è troppo vecchio. Se ti sei già registrato, accedi.";
    needs_invitation_how: "If you are to receive a badge, the invitation comes by e-mail; open the link in it.", "Se devi ricevere un badge, l’invito arriva per e-mail; apri il collegamento che contiene.";
    given_name: "Name", "Nome";
    family_name: "Last name", "Cognome";
    family_hint: "Leave it empty if you have one name only.", "Lascialo vuoto se hai un nome solo.";
    email_hint: "We send a mail there to verify it.", "Ci mandiamo un’e-mail per verificarlo.";
    birth_date: "Date of birth", "Data di nascita";
    birth_hint: "For example 31 3 1999", "Per esempio 31 3 1999";
    day: "Day", "Giorno";
    month: "Month", "Mese";
    year: "Year", "Anno";
    password_hint: "At least 15 characters. Several words that do not belong together are easy to keep in mind.", "Almeno 15 caratteri. Più parole che non c’entrano fra loro si ricordano facilmente.";
    password_again: "Password, once more", "Password, ancora una volta";
    name_missing: "Write your name", "Scrivi il tuo nome";
    name_unusable: "The name must have a letter or a digit, and may have up to 100 characters, on one line", "Il nome deve avere almeno una lettera o una cifra, e può avere fino a 100 caratteri, su una riga";
    email_wrong: "Write an address such as name@example.org", "Scrivi un indirizzo come nome@example.org";
    birth_wrong: "Write a day that exists, such as 31 3 1999", "Scrivi un giorno che esiste, come 31 3 1999";
    birth_future: "The date of birth must be in the past", "La data di nascita deve essere nel passato";
    birth_long_ago: "Write the year with four digits", "Scrivi l’anno con quattro cifre";
    password_short: "The password must have at least 15 characters", "La password deve avere almeno 15 caratteri";
    password_long: "The password may have at most 256 characters", "La password può avere al massimo 256 caratteri";
    password_common: "This password is easy to guess: it is common, or made of what is known about you", "Questa password è facile da indovinare: è comune, o fatta di cose note su di te";
    password_differs: "The two passwords are not the same", "Le due password non coincidono";
    too_young: "One must be at least {0} years old to register.", "Per registrarsi bisogna avere almeno {0} anni.";
    date_not_kept: "We did not keep the date.", "Non abbiamo conservato la data.";
    invitation_waits: "Your invitation waits until then.", "Il tuo invito aspetta fino ad allora.";
    try_tomorrow: "You cannot register with this invitation now. Try again tomorrow.", "Ora non puoi registrarti con questo invito. Riprova domani.";
    try_tomorrow_open: "You cannot register now. Try again tomorrow.", "Ora non puoi registrarti. Riprova domani.";
    look_at_mail: "Look at your mail", "Guarda la posta";
    mail_sent_to: "We have sent a mail to {0}. Open the link in it to go on.", "Abbiamo inviato un’e-mail a {0}. Apri il collegamento che contiene per continuare.";
    link_two_days: "The link holds for two days.", "Il collegamento vale due giorni.";
    no_mail_came: "If none comes within some minutes, look among unwanted mail.", "Se non arriva entro qualche minuto, guarda fra la posta indesiderata.";
    verify_title: "Verify your address", "Verifica il tuo indirizzo";
    verify_button: "Verify", "Verifica";
    verify_intro: "To make sure that it was you who registered with {0}, write the password that you chose.", "Per essere certi che sia stato tu a registrarti con {0}, scrivi la password che hai scelto.";
    verify_wrong: "That is not the password chosen when registering", "Non è la password scelta alla registrazione";
    link_over: "This link holds no more", "Questo collegamento non vale più";
    link_over_why: "It was used, or is too old.", "È stato usato, o è troppo vecchio.";
    link_over_what: "If your address is verified, sign in; else register once more from the invitation.", "Se il tuo indirizzo è verificato, accedi; altrimenti registrati di nuovo dall’invito.";

    // passwords
    resend_title: "The mail to verify my address did not come", "L’e-mail per verificare il mio indirizzo non è arrivata";
    resend_intro: "Write the address with which you registered; we send the mail again. You need the password that you chose then.", "Scrivi l’indirizzo con cui hai fatto la registrazione; mandiamo di nuovo l’e-mail. Ti servirà la password che hai scelto allora.";
    resend_button: "Send it again", "Invia di nuovo";
    resend_sent: "If somebody registered here with {0}, a mail is on its way. Open the link in it to go on.", "Se qui c’è una registrazione con {0}, un’e-mail è in arrivo. Apri il collegamento che contiene per continuare.";
    forgot_intro: "Write your address; we send a link to choose a new password.", "Scrivi il tuo indirizzo; mandiamo un collegamento per scegliere una nuova password.";
    forgot_button: "Send the link", "Invia il collegamento";
    forgot_sent: "If {0} has an account here, a mail is on its way. The link in it holds for 30 minutes.", "Se {0} ha qui un account, un’e-mail è in arrivo. Il collegamento vale 30 minuti.";
    reset_title: "Choose a new password", "Scegli una nuova password";
    reset_intro: "All browsers where you are signed in will be signed out.", "Tutti i browser in cui hai effettuato l’accesso saranno disconnessi.";
    reset_button: "Set the password", "Imposta la password";
    reset_over: "It was used, or is older than 30 minutes. Ask for a new one.", "È stato usato, o ha più di 30 minuti. Chiedine uno nuovo.";
    new_password: "New password", "Nuova password";
    present_password: "Present password", "Password attuale";
    present_missing: "Write your present password", "Scrivi la tua password attuale";
    present_wrong: "That is not your present password", "Non è la tua password attuale";
    password_set: "The password is changed", "La password è cambiata";
    password_set_why: "All browsers were signed out. Sign in with the new password.", "Tutti i browser sono stati disconnessi. Accedi con la nuova password.";
    password_changed_why: "All other browsers were signed out.", "Tutti gli altri browser sono stati disconnessi.";
    change_password: "Change password", "Cambia password";
    change_password_intro: "All other browsers will be signed out.", "Tutti gli altri browser saranno disconnessi.";

    // the second step of signing in
    two_steps: "Two-step sign-in", "Accesso in due passaggi";
    two_steps_what: "After your password or your institution, a second step shows that it is you: a code from an app on your phone, or a passkey. Whoever learns your password does not get in with it alone.", "Dopo la password o l’accesso del tuo ente, un secondo passaggio mostra che sei tu: un codice da un’app sul telefono, o una passkey. A chi scopre la tua password, quella da sola non basta per entrare.";
    two_steps_demanded: "Your account must have a second step.", "Il tuo account deve avere un secondo passaggio.";
    two_steps_off: "It is off.", "Non è attivo.";
    your_factors: "Your second steps", "I tuoi secondi passaggi";
    take_off: "Remove", "Rimuovi";
    take_off_one: "“{0}” will not be accepted any more.", "«{0}» non sarà più accettato.";
    take_off_last: "“{0}” is the only one. Without it the first step alone opens your account.", "«{0}» è l’unico. Senza, il primo passaggio da solo apre il tuo account.";
    last_is_demanded: "Your account must have a second step. Add another one before you remove this one.", "Il tuo account deve avere un secondo passaggio. Aggiungine un altro prima di rimuovere questo.";
    prove_intro: "To be certain that it is you, show one of your second steps.", "Per essere certi che sia tu, usa uno dei tuoi secondi passaggi.";
    add_factor: "Add one", "Aggiungine uno";
    add_app: "Set up an app for codes", "Configura un’app per i codici";
    add_passkey: "Make a passkey", "Crea una passkey";
    kind_app: "App for codes", "App per i codici";
    kind_passkey: "Passkey", "Passkey";
    added_on: "added on", "aggiunto il";
    used_on: "used on", "usato il";
    factor_name: "What to call it", "Come chiamarlo";
    password_first: "First write your password once more.", "Prima scrivi ancora una volta la tua password.";
    go_on: "Continue", "Continua";
    app_scan: "In an authenticator app on your phone, scan this picture.", "In un’app di autenticazione sul telefono, inquadra questa immagine.";
    app_qr: "QR code for the app", "Codice QR per l’app";
    app_type: "If you cannot scan it, type this key into the app instead.", "Se non puoi inquadrarla, scrivi questa chiave nell’app.";
    app_here: "Open the app on this device", "Apri l’app su questo dispositivo";
    app_code: "Then write the code that the app shows.", "Poi scrivi il codice che l’app mostra.";
    code: "Code", "Codice";
    code_hint: "Six digits; each code works once", "Sei cifre; ogni codice vale una volta sola";
    code_or_recovery: "Six digits; each code works once. A recovery code does, too", "Sei cifre; ogni codice vale una volta sola. Va bene anche un codice di recupero";
    passkey_what: "Your phone, your computer or a security key keeps it, and asks for your finger, your face or a PIN. It works on this site alone, so nobody can lure it out of you elsewhere.", "La conserva il tuo telefono, il computer o una chiave di sicurezza, e chiede il dito, il volto o un PIN. Funziona solo su questo sito: nessuno può fartela usare altrove con l’inganno.";
    passkey_without: "A passkey needs JavaScript, and a browser that has passkeys. Use a code instead.", "Per una passkey servono JavaScript e un browser che le conosce. Usa un codice.";
    passkey_failed: "The passkey was not accepted, or you stopped. Nothing was changed; try again.", "La passkey non è stata accettata, o ti sei fermato. Nulla è cambiato; riprova.";
    passkey_copied: "This passkey was refused: there seems to be a copy of it. We have written to you.", "Questa passkey è stata rifiutata: sembra che ne esista una copia. Ti abbiamo scritto.";
    make_passkey: "Make the passkey", "Crea la passkey";
    use_passkey: "Use a passkey", "Usa una passkey";
    enter_with_passkey: "Sign in with a passkey", "Accedi con una passkey";
    factor_wrong: "That was not right: each code works once and for a minute or so. Try the next one.", "Non è corretto: ogni codice vale una volta sola e per circa un minuto. Prova con il prossimo.";
    second_title: "The second step", "Il secondo passaggio";
    second_intro: "The first step is done. Now show that it is you.", "Il primo passaggio è fatto. Ora mostra che sei tu.";
    start_again: "Start again", "Ricomincia";
    lost_device: "I do not have it with me, or have lost it", "Non l’ho con me, o l’ho perso";
    recovery_code: "Recovery code", "Codice di recupero";
    recovery_hint: "One of the codes of 25 letters and digits that you put away; each works once", "Uno dei codici di 25 lettere e cifre che hai messo da parte; ognuno vale una volta sola";
    recovery_codes: "Recovery codes", "Codici di recupero";
    codes_left: "{0} are left.", "Ne restano {0}.";
    new_codes: "Make new recovery codes", "Crea nuovi codici di recupero";
    new_codes_what: "The earlier ones will not be accepted any more.", "I precedenti non saranno più accettati.";
    codes_what: "If you lose your device, each of these codes lets you in once, in place of the second step. Print them, or write them down, and put them where you find them.", "Se perdi il dispositivo, ognuno di questi codici ti fa entrare una volta, al posto del secondo passaggio. Stampali, o scrivili, e mettili dove li ritrovi.";
    codes_once: "They are shown this once.", "Vengono mostrati solo questa volta.";
    codes_kept: "I have put them away", "Li ho messi da parte";

    // claiming
    for_you: "This badge is for you", "Questo badge è per te";
    for_name: "{0}, this badge is for you", "{0}, questo badge è per te";
    how_to_keep: "How do you want to keep it?", "Come vuoi tenerlo?";
    keep_public: "Accept and publish my page", "Accetta e pubblica la mia pagina";
    keep_public_hint: "Whoever has the link sees the badges that you choose to show", "Chi ha il link vede i badge che scegli di mostrare";
    keep_private: "Accept, keep it private", "Accetta e tieni la pagina privata";
    keep_private_hint: "Only you see it. You may change your mind whenever you want", "La vedi solo tu. Puoi cambiare idea quando vuoi";
    accept: "Accept the badge", "Accetta il badge";
    no_thanks: "No, thank you", "No, grazie";
    not_me: "Not me, never write again", "Non sono io, non scrivetemi più";
    claim_note: "The invitation is for {0} and holds until {1}. The address was given to us by {2}, only to deliver the badge.", "L’invito è per {0} e vale fino al {1}. L’indirizzo ce l’ha dato {2}, solo per consegnarti il badge.";
    claim_note_asked: "The invitation is for {0} and holds until {1}. You gave the address when you asked for the badge; it serves only to deliver it.", "L’invito è per {0} e vale fino al {1}. L’indirizzo l’hai dato tu quando hai richiesto il badge; serve solo a consegnarlo.";
    claim_stranger: "To accept it you need an account, so that it is yours alone.", "Per accettarlo serve un account, perché sia soltanto tuo.";
    other_account: "You are signed in as {0}; this badge is for {1}. If that address is yours too, verify it first.", "Hai effettuato l’accesso come {0}; questo badge è per {1}. Se anche quell’indirizzo è tuo, prima verificalo.";
    verify_this_address: "Send a mail to verify it", "Invia un’e-mail per verificarlo";
    no_invitation: "There is no such invitation", "Questo invito non esiste";
    no_invitation_why: "The link is not complete, or the invitation was erased.", "Il collegamento non è completo, o l’invito è stato cancellato.";
    invitation_over: "This invitation is over", "Questo invito è concluso";
    accepted_already: "You have accepted this badge", "Hai accettato questo badge";
    accepted_where: "It is among your badges.", "È fra i tuoi badge.";
    accepted_sign_in: "The badge was accepted. Sign in to see it.", "Il badge è stato accettato. Accedi per vederlo.";
    declined_already: "The badge was declined.", "Il badge è stato rifiutato.";
    withdrawn: "The issuer has withdrawn the badge.", "L’ente ha ritirato il badge.";
    expired: "Its time has run out. Whoever gave the badge can extend it.", "Il tempo è scaduto. Chi ha assegnato il badge può prolungarlo.";
    decline_title: "Decline the badge", "Rifiuta il badge";
    decline_intro: "The issuer sees that you declined, and your data are erased after a while.", "L’ente vede che hai rifiutato, e i tuoi dati saranno cancellati dopo qualche tempo.";
    decline_button: "Decline", "Rifiuta";
    declined_title: "The badge is declined", "Il badge è rifiutato";
    declined_why: "You need to do nothing more.", "Non devi fare altro.";
    never_title: "Never write again", "Non scrivetemi più";
    never_intro: "All that we know about this address is erased now, and its open invitations with it. We keep only a number from which the address cannot be read, so that no more mail goes there.", "Tutto ciò che sappiamo di questo indirizzo viene cancellato ora, e con esso i suoi inviti. Conserviamo solo un numero da cui l’indirizzo non si può leggere, perché non parta altra posta.";
    never_button: "Erase, and never write again", "Cancella e non scrivere più";
    never_done: "It is erased", "È cancellato";
    never_done_why: "No more mail goes to this address.", "A questo indirizzo non andrà altra posta.";

    // the account
    my_badges: "My badges", "I miei badge";
    settings: "Settings", "Impostazioni";
    waiting_for_you: "Waiting for you", "In attesa di te";
    no_badges: "No badge yet. When somebody gives you one, it waits here and you get a mail.", "Ancora nessun badge. Quando qualcuno te ne dà uno, aspetta qui e ricevi un’e-mail.";
    page_is_public: "Your page is public.", "La tua pagina è pubblica.";
    page_is_private: "Your page is private: only you see it.", "La tua pagina è privata: la vedi solo tu.";
    see_page: "See your page", "Vedi la tua pagina";
    nothing_shown: "No badge is shown here.", "Qui non è mostrato alcun badge.";
    hidden: "Not on your page", "Non è sulla tua pagina";
    revoked: "Revoked by its issuer", "Revocato dall’ente";
    expired_badge: "Expired", "Scaduto";
    how_earned: "How it is earned", "Come si ottiene";
    what_was_done: "What was done for it", "Che cosa è stato fatto";
    skills: "Skills it shows", "Competenze che dimostra";
    valid_until: "Valid until", "Valido fino al";
    take_along: "Take it along", "Portalo con te";
    download_png: "Download the picture", "Scarica l’immagine";
    download_hint: "A PNG with the badge inside (Open Badges 3.0). Anyone can check it.", "Un PNG con il badge dentro (Open Badges 3.0). Chiunque può controllarlo.";
    download_png2: "Picture for older backpacks (Open Badges 2.0)", "Immagine per gli zaini meno recenti (Open Badges 2.0)";
    download_jws: "Signed text, Open Badges 2.0", "Testo firmato, Open Badges 2.0";
    download_json: "Signed record, Open Badges 3.0", "Documento firmato, Open Badges 3.0";
    show_on_page: "Show it on my page", "Mostralo sulla mia pagina";
    hide_from_page: "Keep it off my page", "Toglilo dalla mia pagina";
    profile: "Profile", "Profilo";
    name: "Name", "Nome";
    verified_on: "verified on", "verificato il";
    change_profile: "Change your name", "Cambia il tuo nome";
    who_sees: "Who sees your page", "Chi vede la tua pagina";
    page_public: "Whoever has the link", "Chi ha il link";
    page_private: "Only you", "Solo tu";
    page_indexed: "Search engines may list it", "I motori di ricerca possono elencarla";
    sessions: "Where you are signed in", "Dove hai effettuato l’accesso";
    last_seen: "last seen on", "visto il";
    this_browser: "This browser", "Questo browser";
    end_session: "Sign out there", "Disconnetti";
    end_others: "Sign out everywhere else", "Disconnetti ovunque tranne qui";
    your_data: "Your data", "I tuoi dati";
    export: "Download everything that is kept about you", "Scarica tutto ciò che conserviamo su di te";
    delete_title: "Delete your account", "Elimina il tuo account";
    delete_intro: "Your profile, your page and your badges here are erased at once. Badges that you downloaded, or that are in the wallet on your computer, stay yours.", "Il tuo profilo, la tua pagina e i tuoi badge qui vengono cancellati subito. I badge che hai scaricato, o che sono nel portafoglio sul tuo computer, restano tuoi.";
    delete_stays: "What stays: whoever gave a badge keeps the record of having given it, because it must be able to confirm or revoke it.", "Che cosa resta: chi ha dato un badge conserva la nota di averlo dato, perché deve poterlo confermare o revocare.";
    delete_button: "Delete for good", "Elimina per sempre";
    deleted: "Your account is deleted", "Il tuo account è eliminato";
    deleted_why: "A last mail confirms it.", "Un’ultima e-mail lo conferma.";
    address_title: "Verify an address", "Verifica un indirizzo";
    address_intro: "{0} will belong to your account, {1}.", "{0} apparterrà al tuo account, {1}.";
    address_over: "It was used, is too old, or belongs to another account than the one that is signed in.", "È stato usato, è troppo vecchio, o appartiene a un account diverso da quello con cui hai effettuato l’accesso.";

    // mails
    mail_hello: "Hello,", "Ciao,";
    mail_hello_name: "Hello {0},", "Ciao {0},";
    mail_unasked: "You did not expect this mail? Then you need to do nothing.", "Non aspettavi questa e-mail? Allora non devi fare nulla.";
    mail_claim_subject: "A badge for you: {0}", "Un badge per te: {0}";
    mail_claim: "{0} has given you the badge “{1}”.", "{0} ti ha assegnato il badge «{1}».";
    mail_claim_see: "See the badge", "Vedi il badge";
    mail_claim_until: "The invitation holds until {0}. You decide whether to accept; nothing is published without you.", "L’invito vale fino al {0}. Decidi tu se accettare; nulla viene pubblicato senza di te.";
    mail_claim_why: "Your address was given to us by {0}, only to deliver this badge. If you do not answer, your data are erased at most {1} days after the invitation has expired.", "Il tuo indirizzo ce l’ha dato {0}, solo per consegnarti questo badge. Se non rispondi, i tuoi dati vengono cancellati al più tardi {1} giorni dopo la scadenza dell’invito.";
    mail_claim_why_asked: "You gave this address when you asked for the badge; it serves only to deliver it. If you do not answer, your data are erased at most {0} days after the invitation has expired.", "Hai dato questo indirizzo quando hai richiesto il badge; serve solo a consegnarlo. Se non rispondi, i tuoi dati vengono cancellati al più tardi {0} giorni dopo la scadenza dell’invito.";
    mail_claim_never: "Not you? Have your data erased and never get mail from us again:", "Non sei tu? Fai cancellare i tuoi dati e non ricevere più posta da noi:";
    mail_request_subject: "Confirm your request: {0}", "Conferma la tua richiesta: {0}";
    mail_request: "Somebody, probably you, has asked for the badge “{0}” of {1} with this address.", "Qualcuno, probabilmente tu, ha richiesto il badge «{0}» di {1} con questo indirizzo.";
    mail_request_button: "Confirm the request", "Conferma la richiesta";
    mail_request_until: "The link holds for two days. Unless you press Confirm on the page that it opens, nobody sees the request and it is erased.", "Il collegamento vale due giorni. Se non premi Conferma nella pagina che si apre, nessuno vede la richiesta e viene cancellata.";
    mail_request_why: "What was written goes to {0}; those who run this service can read it, too. It is erased {1} days after the decision.", "Quanto è stato scritto va a {0}; può leggerlo anche chi gestisce questo servizio. Viene cancellato {1} giorni dopo la decisione.";
    mail_refused_subject: "Your request: {0}", "La tua richiesta: {0}";
    mail_refused: "{0} has looked at your request for the badge “{1}” and cannot give it to you.", "{0} ha esaminato la tua richiesta del badge «{1}» e non può assegnartelo.";
    mail_refused_reason: "The reason given:", "Il motivo indicato:";
    mail_refused_erased: "What you sent is erased {0} days after this decision.", "Quanto hai inviato viene cancellato {0} giorni dopo questa decisione.";
    mail_leave: "No more mail of this kind:", "Niente più e-mail di questo tipo:";
    mail_news_confirm_subject: "Confirm that you want news of {0}", "Conferma che vuoi le novità di {0}";
    mail_news_confirm: "Somebody, probably you, wants mail from {0} at this address.", "Qualcuno, probabilmente tu, vuole ricevere e-mail da {0} a questo indirizzo.";
    mail_news_confirm_until: "The link holds for two days. After that, what was typed is erased.", "Il collegamento vale due giorni. Dopo, ciò che è stato scritto viene cancellato.";
    mail_opening_subject: "Registration at {0} is open", "La registrazione su {0} è aperta";
    mail_opening: "You asked to be told: everybody may register at {0} now. This is the only mail about it.", "Avevi chiesto di saperlo: ora chiunque può registrarsi su {0}. Questa è l’unica e-mail a riguardo.";
    mail_message_subject: "Confirm your message ({0})", "Conferma il tuo messaggio ({0})";
    mail_message: "Somebody, probably you, has written to those who run {0} with this address.", "Qualcuno, probabilmente tu, ha scritto a chi gestisce {0} con questo indirizzo.";
    mail_answer_subject: "Answer ({0}): {1}", "Risposta ({0}): {1}";
    mail_answer: "Those who run {0} answer what you wrote about “{1}”:", "Chi gestisce {0} risponde a quanto hai scritto su «{1}»:";
    mail_join_subject: "Your invitation to {0}", "Il tuo invito a {0}";
    mail_join: "You may register at {0}.", "Puoi registrarti su {0}.";
    mail_join_button: "Register", "Registrati";
    mail_join_until: "The invitation holds until {0}.", "L’invito vale fino al {0}.";
    mail_device_subject: "A sign-in was ended", "Un accesso è stato chiuso";
    mail_device: "A program that was signed in to your account at {0} used a key that had been used before. Somebody may have copied it, so that sign-in was ended. Sign in again in the program; if this happens again, change your password.", "Un programma collegato al tuo account su {0} ha usato una chiave già usata. Qualcuno potrebbe averla copiata, perciò quell’accesso è stato chiuso. Accedi di nuovo dal programma; se succede ancora, cambia la password.";
    mail_verify_subject: "Verify your address", "Verifica il tuo indirizzo";
    mail_verify: "Somebody, probably you, has registered at {0} with this address.", "Qualcuno, probabilmente tu, si è registrato su {0} con questo indirizzo.";
    mail_verify_button: "Verify the address", "Verifica l’indirizzo";
    mail_verify_until: "The link holds for two days. After that, what was typed is erased.", "Il collegamento vale due giorni. Dopo, ciò che è stato scritto viene cancellato.";
    mail_address: "An account at {0} asks to add this address.", "Un account su {0} chiede di aggiungere questo indirizzo.";
    mail_known_subject: "You have an account already", "Hai già un account";
    mail_known: "Somebody, probably you, wanted to register at {0} with this address. It has an account already: sign in, or ask for a new password.", "Qualcuno, probabilmente tu, voleva registrarsi su {0} con questo indirizzo. Ha già un account: accedi, o chiedi una nuova password.";
    mail_no_password_subject: "Your account has no password", "Il tuo account non ha una password";
    mail_no_password: "Somebody, probably you, has asked for a new password at {0}. Your account has none: sign in through your institution.", "Qualcuno, probabilmente tu, ha chiesto una nuova password su {0}. Il tuo account non ne ha: accedi attraverso il tuo ente.";
    mail_not_you: "If it was not you, sign in and look at your logins, and write to us.", "Se non sei stato tu, accedi e guarda i tuoi accessi, e scrivici.";
    mail_prove_subject: "Finish signing in", "Completa l’accesso";
    mail_prove: "Somebody, probably you, signs in at {0} with a login of {1} that goes with this address.", "Qualcuno, probabilmente tu, accede a {0} con un accesso di {1} legato a questo indirizzo.";
    mail_joined_subject: "A login was added to your account", "Un accesso è stato aggiunto al tuo account";
    mail_joined: "A login of {0} now leads to your account at {1}. Both ways in work.", "Un accesso di {0} ora porta al tuo account su {1}. Entrambi gli accessi funzionano.";
    mail_joined_sessions: "Other browsers and programs were signed out.", "Gli altri browser e programmi sono stati disconnessi.";
    mail_joined_undo: "Was it not you? Undo it, until {0}:", "Non sei stato tu? Annulla, entro il {0}:";
    mail_parted_subject: "A login was removed from your account", "Un accesso è stato rimosso dal tuo account";
    mail_parted: "A login leads to your account at {0} no more. Browsers and programs were signed out.", "Un accesso non porta più al tuo account su {0}. Browser e programmi sono stati disconnessi.";
    mail_addresses_subject: "The addresses of your account changed", "Gli indirizzi del tuo account sono cambiati";
    mail_addresses: "The addresses of your account at {0} were changed.", "Gli indirizzi del tuo account su {0} sono cambiati.";
    mail_ends_subject: "A way into your account ends", "Un accesso al tuo account termina";
    mail_ends: "Your login of {0} at {1} ends on {2}.", "Il tuo accesso di {0} su {1} termina il {2}.";
    mail_ends_what: "Add a private address and a password, or another login, so that the account and its badges stay yours.", "Aggiungi un indirizzo privato e una password, o un altro accesso, perché l’account e i suoi badge restino tuoi.";
    mail_reset_subject: "A new password", "Una nuova password";
    mail_reset: "Somebody, probably you, has asked for a new password at {0}.", "Qualcuno, probabilmente tu, ha chiesto una nuova password su {0}.";
    mail_reset_until: "The link holds for 30 minutes and works once.", "Il collegamento vale 30 minuti e funziona una volta.";
    mail_changed_subject: "Your password was changed", "La tua password è cambiata";
    mail_changed: "The password of your account at {0} was changed, and other browsers were signed out. If it was not you, ask for a new password at once.", "La password del tuo account su {0} è cambiata, e gli altri browser sono stati disconnessi. Se non sei stato tu, chiedi subito una nuova password.";
    mail_factor_added_subject: "A second step was added", "È stato aggiunto un secondo passaggio";
    mail_factor_added: "A second step for signing in was added to your account at {0}. If it was not you, remove it at once and change your password, here or at your institution.", "Un secondo passaggio per accedere è stato aggiunto al tuo account su {0}. Se non sei stato tu, rimuovilo subito e cambia la password, qui o presso il tuo ente.";
    mail_factor_ended_subject: "A second step was removed", "È stato rimosso un secondo passaggio";
    mail_factor_ended: "A second step for signing in was removed from your account at {0}. If it was not you, change your password at once, here or at your institution.", "Un secondo passaggio per accedere è stato rimosso dal tuo account su {0}. Se non sei stato tu, cambia subito la password, qui o presso il tuo ente.";
    mail_codes_made_subject: "You have new recovery codes", "Hai nuovi codici di recupero";
    mail_codes_made: "New recovery codes were made for your account at {0}; the earlier ones are not accepted any more. If it was not you, change your password at once, here or at your institution.", "Per il tuo account su {0} sono stati creati nuovi codici di recupero; i precedenti non valgono più. Se non sei stato tu, cambia subito la password, qui o presso il tuo ente.";
    mail_recovery_used_subject: "A recovery code was used", "È stato usato un codice di recupero";
    mail_recovery_used: "A recovery code of your account at {0} was used. If it was not you, change your password at once, here or at your institution. If you lost a device, remove it.", "È stato usato un codice di recupero del tuo account su {0}. Se non sei stato tu, cambia subito la password, qui o presso il tuo ente. Se hai perso un dispositivo, rimuovilo.";
    mail_recovery_left: "{0} recovery codes are left.", "Restano {0} codici di recupero.";
    mail_passkey_copied_subject: "A passkey was refused", "Una passkey è stata rifiutata";
    mail_passkey_copied: "A passkey of your account at {0} was refused, because it has been used elsewhere since: there seems to be a copy of it. Remove this passkey and make a new one.", "Una passkey del tuo account su {0} è stata rifiutata, perché nel frattempo è stata usata altrove: sembra che ne esista una copia. Rimuovi questa passkey e creane una nuova.";
    mail_factor_guessed_subject: "Somebody got past the first step", "Qualcuno ha superato il primo passaggio";
    mail_factor_guessed: "Somebody got past the first step of signing in to your account at {0}, and then gave too many wrong codes. They did not get in. If it was not you, change your password, here or at your institution.", "Qualcuno ha superato il primo passaggio dell’accesso al tuo account su {0}, e poi ha dato troppi codici sbagliati. Non è entrato. Se non sei stato tu, cambia la password, qui o presso il tuo ente.";
    mail_suspended_subject: "Your account is suspended", "Il tuo account è sospeso";
    mail_suspended: "Your account at {0} is suspended, because one must be at least {1} years old. Sign in to download everything that is kept about you; it is erased in {2} days.", "Il tuo account su {0} è sospeso, perché bisogna avere almeno {1} anni. Accedi per scaricare tutto ciò che conserviamo su di te; sarà eliminato fra {2} giorni.";
    mail_erased_subject: "Your account is deleted", "Il tuo account è eliminato";
    mail_erased: "Your account at {0} is deleted, and your data here are erased. This is the last mail.", "Il tuo account su {0} è eliminato, e i tuoi dati qui sono cancellati. Questa è l’ultima e-mail.";
}

const MONTHS: [[&str; 12]; 2] = [
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
];

impl Words {
    /// The language tag.
    pub const fn tag(self) -> &'static str {
        self.0.tag()
    }

    /// Words with their gaps filled.
    #[expect(clippy::unused_self, reason = "so that a template has it at hand")]
    pub fn fill(self, words: &str, details: &[&str]) -> String {
        let details: Vec<String> = details.iter().map(|detail| (*detail).to_owned()).collect();
        satchel_badge::words::fill(words, &details)
    }

    /// The day of a time, in UTC.
    pub fn date(self, time: Timestamp) -> String {
        let date = TimeZone::UTC.to_datetime(time).date();
        self.day_of(date.day(), date.month(), date.year())
    }

    /// The day and the minute of a time, in UTC.
    pub fn moment(self, time: Timestamp) -> String {
        let at = TimeZone::UTC.to_datetime(time);
        format!("{}, {:02}:{:02} UTC", self.date(time), at.hour(), at.minute())
    }

    /// A day.
    pub fn day_of(self, day: i8, month: i8, year: i16) -> String {
        let names = MONTHS[usize::from(self.0 == Language::Italian)];
        let month = usize::try_from(month - 1).ok().and_then(|month| names.get(month)).unwrap_or(&"");
        format!("{day} {month} {year}")
    }
}
