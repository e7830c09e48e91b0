package org.xfrmagent.policies.model;

/**
 * Somebody who shows that it knows a password: by EAP, or behind a peer's own authentication (XAUTH).
 *
 * @param name as it is typed
 * @param password where it is
 */
public record User(String name, SecretRef password) {}
