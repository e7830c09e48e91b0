package org.xfrmagent.agent.pkcs11;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.crypto.TokenAbsent;
import org.xfrmagent.agent.crypto.TokenInput;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.TokenUri;

/** The tokens that this agent speaks with, as long as it runs: each library is loaded once, and no wrong PIN is shown twice. */
public final class Tokens implements AutoCloseable {
    /** Libraries by name: strongswan.conf's {@code charon.plugins.pkcs11.modules}. */
    @FunctionalInterface
    public interface Modules {
        /** @throws IOException with a sentence */
        Map<String, Path> read() throws IOException;
    }

    private final Modules known;
    private final Duration patience;
    private final Map<Path, ModuleThread> modules = new ConcurrentHashMap<>();
    /** Keys that were found once are not looked for again: whoever loads other things meanwhile need not have the card in. */
    private final Map<TokenUri, InToken> keys = new ConcurrentHashMap<>();
    private final Map<TokenUri, Bytes> certificates = new ConcurrentHashMap<>();
    private final Set<TokenUri> outdated = ConcurrentHashMap.newKeySet();

    public Tokens(Modules known) {
        this(known, ModuleThread.PATIENCE);
    }

    Tokens(Modules known, Duration patience) {
        this.known = known;
        this.patience = patience;
    }

    /** A token, and what is looked for in it. */
    private record Place(ModuleThread module, long slot, Bytes id) {
        Optional<Bytes> attribute(long objectClass, long type) throws TokenFailure, IOException {
            return module.ask(sessions -> sessions.attribute(slot, objectClass, id, type));
        }

        @Override
        public String toString() {
            return "the token in slot " + slot;
        }
    }

    /**
     * A private key, unlocked.
     *
     * @param pin used again when the token has forgotten us; the caller's copy stays the caller's
     * @throws IOException with the rest of a sentence that begins with the key's URI
     */
    public TokenKey key(TokenUri uri, Optional<Secret> pin) throws IOException {
        InToken known = keys.get(uri);
        if (known != null && known.pin().equals(pin)) {
            return known;
        }
        InToken found = find(uri, pin.map(word -> Secret.take(word.copy())));
        keys.put(uri, found);
        return found;
    }

    private InToken find(TokenUri uri, Optional<Secret> pin) throws IOException {
        Place place = place(uri);
        try {
            place.module().ask(sessions -> {
                sessions.unlock(place.slot(), place.id(), pin);
                return true;
            });
            Bytes open = PublicHalf.of(place::attribute)
                    .orElseThrow(() -> new IOException("has no public half there, neither as a key nor in a certificate of the same handle"));
            boolean always = place.attribute(Cryptoki.PRIVATE_KEY, Cryptoki.ALWAYS_AUTHENTICATE).filter(value -> value.u8(0) != 0).isPresent();
            VerifyingKey verifying = VerifyingKeys.ofPublicKey(open);
            List<SignatureScheme> schemes = new ArrayList<>();
            for (SignatureScheme scheme : SignatureScheme.values()) {
                if (scheme.key() == verifying.kind()) {
                    long mechanism = Mechanism.of(TokenInput.of(scheme, Bytes.empty())).number();
                    if (place.module().ask(sessions -> sessions.cryptoki().hasMechanism(place.slot(), mechanism))) {
                        schemes.add(scheme);
                    }
                }
            }
            return new InToken(place, verifying, open, pin, always, schemes);
        } catch (TokenFailure refused) {
            throw failure("cannot be used: " + place + " " + refused.sentence(), refused);
        } catch (UnusableKey other) {
            throw new IOException("cannot be used: " + other.reason(), other);
        }
    }

    /**
     * The DER of a certificate, as it is now; as it was when the token was there the last time, if it is not there now.
     *
     * @throws IOException with the rest of a sentence that begins with its URI
     */
    public Bytes certificate(TokenUri uri) throws IOException {
        try {
            Bytes found = read(uri);
            certificates.put(uri, found);
            return found;
        } catch (IOException absent) {
            return Optional.ofNullable(certificates.get(uri)).orElseThrow(() -> absent);
        }
    }

    /** The same as it was looked at the last time, unless there is to be a new look: whoever loads other things does not wait for a token. */
    public Bytes certificateAsKnown(TokenUri uri) throws IOException {
        Bytes known = certificates.get(uri);
        return known == null || outdated.remove(uri) ? certificate(uri) : known;
    }

    /** From now on certificates are looked at anew. */
    public void lookAgain() {
        outdated.addAll(certificates.keySet());
    }

    private Bytes read(TokenUri uri) throws IOException {
        Place place = place(uri);
        try {
            return place.attribute(Cryptoki.CERTIFICATE, Cryptoki.VALUE)
                    .orElseThrow(() -> new IOException("is not there: " + place + " has no certificate with the handle " + uri.id()));
        } catch (TokenFailure refused) {
            throw failure("cannot be read: " + place + " " + refused.sentence(), refused);
        }
    }

    private static IOException failure(String sentence, TokenFailure refused) {
        return refused.passes() ? new TokenAbsent(sentence, refused) : new IOException(sentence, refused);
    }

    /** Whether there is a token at this place now, whatever it holds. It may have to be waited for. */
    public boolean isThere(TokenUri uri) {
        try {
            return place(uri).slot() >= 0;
        } catch (TokenAbsent out) {
            return false;
        } catch (IOException other) {
            return true;
        }
    }

    private Place place(TokenUri uri) throws IOException {
        Bytes id = Bytes.hex(uri.id());
        List<Place> found = new ArrayList<>();
        List<Place> all = new ArrayList<>();
        for (Path library : libraries(uri)) {
            ModuleThread module = modules.computeIfAbsent(library, path -> new ModuleThread(path, patience));
            try {
                List<Long> slots = module.ask(TokenSessions::slots);
                slots.forEach(slot -> all.add(new Place(module, slot, id)));
                module.ask(sessions -> sessions.slotsWith(id)).forEach(slot -> found.add(new Place(module, slot, id)));
            } catch (TokenFailure refused) {
                throw failure("cannot be had: the module " + library + " " + refused.sentence(), refused);
            } catch (IOException unusable) {
                throw new IOException("cannot be had: it " + unusable.getMessage(), unusable);
            }
        }
        OptionalLong slot = uri.slot();
        if (slot.isPresent()) {
            return all.stream().filter(each -> each.slot() == slot.getAsLong()).findFirst()
                    .orElseThrow(() -> new TokenAbsent("cannot be had: there is no token in slot " + slot.getAsLong() + ", found " + slots(all)));
        }
        // Without the PIN a private key does not show: its public half tells where it is, or that there is only one token.
        if (found.size() == 1 || found.isEmpty() && all.size() == 1) {
            return found.isEmpty() ? all.getFirst() : found.getFirst();
        }
        if (all.isEmpty()) {
            throw new TokenAbsent("cannot be had: there is no token");
        }
        throw new IOException("cannot be had: " + (found.isEmpty()
                ? "no token shows that it has the handle " + uri.id() + ", expected a slot, found " + slots(all)
                : "several tokens have the handle " + uri.id() + ", expected a slot, found " + slots(found)));
    }

    private static String slots(List<Place> places) {
        return places.isEmpty() ? "none" : "tokens in " + places.stream().map(Place::slot).toList();
    }

    private List<Path> libraries(TokenUri uri) throws IOException {
        if (uri.module().isPresent() && uri.module().get() instanceof TokenUri.Module.At(Path path)) {
            return List.of(path);
        }
        Map<String, Path> named = known.read();
        if (uri.module().isPresent() && uri.module().get() instanceof TokenUri.Module.Named(String name)) {
            return Optional.ofNullable(named.get(name)).map(List::of).orElseThrow(() -> new IOException("cannot be had: there is no module '" + name
                    + "' under charon.plugins.pkcs11.modules of strongswan.conf, " + (named.isEmpty() ? "and no other" : "found " + named.keySet())));
        }
        if (named.isEmpty()) {
            throw new IOException("cannot be had: no module is named, and there is none under charon.plugins.pkcs11.modules of strongswan.conf");
        }
        return List.copyOf(named.values());
    }

    private record InToken(Place place, VerifyingKey open, Bytes publicKey, Optional<Secret> pin, boolean always, List<SignatureScheme> schemes)
            implements TokenKey {
        InToken {
            schemes = List.copyOf(schemes);
        }

        @Override
        public SignatureScheme.Key kind() {
            return open.kind();
        }

        @Override
        public int bits() {
            return open.bits();
        }

        @Override
        public boolean signsBy(SignatureScheme scheme) {
            return schemes.contains(scheme);
        }

        @Override
        public Bytes sign(SignatureScheme scheme, Bytes octets) {
            TokenInput input = TokenInput.of(scheme, octets);
            Bytes signature;
            try {
                signature = place.module().ask(sessions ->
                        sessions.sign(place.slot(), place.id(), pin, always, Mechanism.of(input), Mechanism.data(input)));
            } catch (TokenFailure refused) {
                throw new CannotSign(place + " " + refused.sentence());
            } catch (IOException unusable) {
                throw new CannotSign(place + " " + unusable.getMessage());
            }
            Bytes formed = input instanceof TokenInput.Point(_, boolean der) && der ? PublicHalf.sequence(signature) : signature;
            if (!open.verifies(scheme, octets, formed)) {
                throw new CannotSign(place + " has made a signature that is not of its key");
            }
            return formed;
        }

        @Override
        public String toString() {
            return kind() + " " + bits() + " in " + place;
        }
    }

    @Override
    public void close() {
        modules.values().forEach(ModuleThread::close);
        keys.values().forEach(key -> key.pin().ifPresent(Secret::wipe));
    }
}
