package org.xfrmagent.agent.cli;

import picocli.CommandLine.IVersionProvider;

/** {@code xfrm-agent 0.1.0}. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"xfrm-agent " + org.xfrmagent.agent.daemon.Version.TEXT};
    }
}
