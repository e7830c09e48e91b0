/** The command line: each command but {@code run}, {@code check} and {@code algorithms} is a client of the control socket and can do no more than any other. */
@NullMarked
package org.xfrmagent.agent.cli;

import org.jspecify.annotations.NullMarked;
