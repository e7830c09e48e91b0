package org.xfrmagent.agent.daemon;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Semaphore;

/**
 * SIGHUP, which asks for the policies to be read again. Several that come while one is worked on count once.
 *
 * <p>The JDK's only door to a signal is {@code sun.misc.Signal} (module jdk.unsupported, exported for this). Naming it in the source
 * is a warning that no option of the compiler turns off, and warnings are errors here: hence the method handles.
 */
final class Hangups {
    private final Semaphore asked = new Semaphore(0);

    private Hangups() {}

    /** From here on SIGHUP no longer ends the process. A JVM that does not let us have it is worth a line. */
    static Hangups onSignals(EventLog log) {
        Hangups hangups = new Hangups();
        try {
            hangups.listen();
        } catch (Throwable unavailable) {
            log.warning("start", "SIGHUP does not reload the policies here, 'xfrm-agent reload' does: " + unavailable);
        }
        return hangups;
    }

    private void listen() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        MethodHandle heard = MethodHandles.dropArguments(
                lookup.bind(asked, "release", MethodType.methodType(void.class)), 0, signal);
        Object ours = MethodHandleProxies.asInterfaceInstance(handler, heard);
        Object hangup = lookup.findConstructor(signal, MethodType.methodType(void.class, String.class)).invoke("HUP");
        lookup.findStatic(signal, "handle", MethodType.methodType(handler, signal, handler)).invoke(hangup, ours);
    }

    /** Does {@code work} for each, on a thread of its own, for as long as the process lives. */
    void answer(Runnable work) {
        var _ = Thread.ofPlatform().name("hangups").daemon().start(() -> {
            try {
                while (true) {
                    asked.acquire();
                    asked.drainPermits();
                    work.run();
                }
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
