package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.SecretRef;

class PskStoreTest {
    private final List<Secret> read = new ArrayList<>();

    private static PskSecret psk(String name, String... owners) {
        return new PskSecret(new SecretRef.FromEnvironment(name), Arrays.stream(owners).map(Identity::parse).toList());
    }

    private static PolicySet secrets(PskSecret... all) {
        return new PolicySet(List.of(), List.of(), List.of(all), List.of());
    }

    /** Every key is its own name. */
    private Secret source(SecretRef ref) {
        Secret secret = Secret.take(ref.toString().getBytes(StandardCharsets.UTF_8));
        read.add(secret);
        return secret;
    }

    private static Optional<String> found(PskStore store, String local, String remote) {
        return store.psk(Identity.parse(local), Identity.parse(remote))
                .map(secret -> secret.with(octets -> new String(octets, StandardCharsets.UTF_8)));
    }

    @Test
    void theExactPairBeatsASingleOwnerAndThatBeatsAnybodysKey() throws PskStore.Unreadable {
        PskStore store = PskStore.load(
                secrets(psk("any"), psk("sun", "sun.example.org"), psk("pair", "moon.example.org", "sun.example.org")), this::source);
        assertThat(found(store, "moon.example.org", "sun.example.org")).contains("env:pair");
        assertThat(found(store, "mars.example.org", "sun.example.org")).contains("env:sun");
        assertThat(found(store, "mars.example.org", "venus.example.org")).contains("env:any");
    }

    @Test
    void identitiesOfDifferentKindsAreNeverTheSame() throws PskStore.Unreadable {
        PskStore store = PskStore.load(secrets(psk("name", "fqdn:192.0.2.2")), this::source);
        assertThat(found(store, "moon.example.org", "192.0.2.2")).isEmpty();
    }

    @Test
    void aSecretNamedTwiceIsReadOnce() throws PskStore.Unreadable {
        PskStore.load(secrets(psk("one", "a.example"), psk("one", "b.example")), this::source);
        assertThat(read).hasSize(1);
    }

    @Test
    void allProblemsAreToldAndWhatWasReadIsWiped() {
        assertThatThrownBy(() -> PskStore.load(secrets(psk("good"), psk("bad"), psk("worse")), ref -> {
                    if (ref.toString().equals("env:good")) {
                        return source(ref);
                    }
                    throw new IOException("the secret " + ref + " is not there");
                }))
                .isInstanceOfSatisfying(PskStore.Unreadable.class, unreadable -> assertThat(unreadable.problems())
                        .containsExactly("the secret env:bad is not there", "the secret env:worse is not there"));
        assertThat(read).singleElement().satisfies(secret -> assertThat(secret.isWiped()).isTrue());
    }

    @Test
    void afterItIsClosedNoKeyIsFound() throws PskStore.Unreadable {
        PskStore store = PskStore.load(secrets(psk("any")), this::source);
        store.close();
        assertThat(found(store, "a.example", "b.example")).isEmpty();
        assertThat(read).allMatch(Secret::isWiped);
        assertThat(store).hasToString("PskStore[1 keys]");
    }
}
