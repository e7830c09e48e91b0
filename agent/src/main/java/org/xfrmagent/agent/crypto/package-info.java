/**
 * What IKE and ESP compute with keys: PRFs, key exchange, the key schedule, signatures, and the protection of messages and packets. Speaks
 * in octets and rows of the algorithm table; knows neither payloads nor sessions.
 */
@NullMarked
package org.xfrmagent.agent.crypto;

import org.jspecify.annotations.NullMarked;
