package org.xfrmagent.agent.sim;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.policies.model.Identity;

/** The same key for everybody, and carol's password; a postquantum key, if it has a name. */
record SharedKeys(Secret key, String password, String user, String ppkName, String ppk) implements Credentials {
    @Override
    public Optional<Secret> ppk(Identity id) {
        return hasPpk() && id.equals(new Identity.Fqdn(ppkName)) ? Optional.of(Secret.take(ppk.getBytes(StandardCharsets.UTF_8))) : Optional.empty();
    }

    @Override
    public boolean hasPpk() {
        return !ppkName.isEmpty();
    }

    @Override
    public Optional<Secret> psk(Identity local, Identity remote) {
        return Optional.of(key);
    }

    @Override
    public Optional<Secret> password(String user) {
        return user.equals(this.user) ? Optional.of(Secret.take(password.getBytes(StandardCharsets.UTF_8))) : Optional.empty();
    }
}
