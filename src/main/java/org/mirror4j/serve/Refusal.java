package org.mirror4j.serve;

import java.util.Optional;

/** A request that gets no vectors. The message is one line for whoever sent it. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why; each API has its own words and status for it. */
  enum Kind {
    /** No JSON. */
    MALFORMED,
    /** A field is missing, of another type, or asks for what cannot be done. */
    WRONG,
    /** No text. */
    EMPTY,
    /** More bytes than are taken. */
    TOO_LARGE,
    /** More texts than are taken. */
    TOO_MANY,
    /** A text has more tokens or characters than are taken, and is not to be cut. */
    TOO_LONG,
    /** The model cannot take a text. */
    UNCOMPUTABLE,
    /** Without the token, or with another one. */
    UNAUTHORIZED,
    /** No such path. */
    NOT_FOUND,
    /** Not by this method. */
    WRONG_METHOD,
    /** The body is of another type or encoding. */
    WRONG_TYPE,
    /** Too much waits already. */
    OVERLOADED,
    /** The vectors did not come in time. */
    LATE,
    /** The server is being stopped. */
    STOPPING,
    /** The fault is here. */
    FAILED
  }

  private final Kind kind;

  /** Null where it is no field that is wrong. */
  private final String field;

  Refusal(Kind kind, String message) {
    this(kind, null, message);
  }

  /**
   * Of a field.
   *
   * @param field its name, which the message has too
   */
  Refusal(Kind kind, String field, String message) {
    super(message);
    this.kind = kind;
    this.field = field;
  }

  /** Of a fault of the server's own, which is told where it runs, too. */
  static Refusal failed(String message, Throwable cause) {
    Refusal refusal = new Refusal(Kind.FAILED, message);
    refusal.initCause(cause);
    return refusal;
  }

  Kind kind() {
    return kind;
  }

  /** The field that is wrong, where it is one. */
  Optional<String> field() {
    return Optional.ofNullable(field);
  }
}
