/** The project in one minute: what it-tests/demo shows. */
@NullMarked
package org.xfrmagent.it.demo;

import org.jspecify.annotations.NullMarked;
