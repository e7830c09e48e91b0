/** The command line as its user meets it: words in, text and exit codes out. */
@NullMarked
package org.xfrmagent.agent.cli;

import org.jspecify.annotations.NullMarked;
