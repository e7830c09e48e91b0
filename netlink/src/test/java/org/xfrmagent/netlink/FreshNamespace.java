package org.xfrmagent.netlink;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.xfrmagent.netlink.linux.Netns;

/**
 * Runs each test method on a thread of its own inside a network namespace made for it, which is gone afterwards. A test that
 * flushes policies in the wrong namespace would destroy the machine's, so this refuses to run one in the namespace that the program
 * was started in (the namespace of process 1 says the same, but may not be readable).
 */
public final class FreshNamespace implements InvocationInterceptor {
    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension) throws Throwable {
        inside(invocation);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> context, ExtensionContext extension) throws Throwable {
        inside(invocation);
    }

    private static void inside(Invocation<Void> invocation) throws IOException {
        try (Netns fresh = Netns.create()) {
            fresh.call(() -> {
                requireOwnNamespace();
                try {
                    return invocation.proceed();
                } catch (Exception | Error failure) {
                    throw failure;
                } catch (Throwable other) {
                    throw new IllegalStateException(other);
                }
            });
        }
    }

    private static void requireOwnNamespace() throws IOException {
        if (Netns.identity().equals(Netns.identityOfProcess())) {
            throw new IllegalStateException("this would change the machine's own network namespace, " + Netns.identity());
        }
    }

    /** Runs a command of iproute2 in the calling thread's namespace and returns what it printed. */
    public static String ip(String arguments) throws IOException {
        requireOwnNamespace();
        List<String> command = Stream.concat(
                        Stream.of("ip"), Arrays.stream(arguments.split(" ")))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var reader = process.inputReader()) {
            String output = reader.lines().collect(Collectors.joining("\n"));
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("ip " + arguments + " ended with " + status + ": " + output);
            }
            return output;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }
}
