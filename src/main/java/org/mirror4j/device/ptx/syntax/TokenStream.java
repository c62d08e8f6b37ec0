package org.mirror4j.device.ptx.syntax;

import java.util.List;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/** The tokens of a file with a place in them, and what every parser asks of it. */
final class TokenStream {
  private final String file;
  private final List<Token> tokens;
  private int at;

  TokenStream(String file, String text) {
    this(file, Lexer.tokens(file, text));
  }

  private TokenStream(String file, List<Token> tokens) {
    this.file = file;
    this.tokens = tokens;
  }

  /** The same tokens from the first on. */
  TokenStream again() {
    return new TokenStream(file, tokens);
  }

  String file() {
    return file;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token peekSecond() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  int line() {
    return peek().line();
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Token.Kind.END) {
      at++;
    }
    return token;
  }

  /** Takes the next token if it is this punctuation. */
  boolean accept(String punctuation) {
    boolean found = peek().is(punctuation);
    if (found) {
      at++;
    }
    return found;
  }

  /** Takes the next token if it is this directive, dot included. */
  boolean acceptDirective(String directive) {
    boolean found = peek().kind() == Token.Kind.DOTTED && peek().text().equals(directive);
    if (found) {
      at++;
    }
    return found;
  }

  void expect(String punctuation) {
    if (!accept(punctuation)) {
      throw unexpected("'" + punctuation + "'");
    }
  }

  String expectWord(String meaning) {
    if (peek().kind() != Token.Kind.WORD) {
      throw unexpected(meaning);
    }
    return next().text();
  }

  /** The type that comes next, with its dot. */
  Type expectType() {
    Token token = peek();
    Type type = token.kind() == Token.Kind.DOTTED ? Type.named(token.text().substring(1)) : null;
    if (type == null) {
      throw unexpected("a type");
    }
    at++;
    return type;
  }

  /** An integer of which the value must fit where it is used. */
  int expectSmallInteger(String meaning) {
    int line = line();
    long value = Constants.integer(this);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw PtxException.at(file, line, meaning + " is " + value + ", expected 0 to 2147483647");
    }
    return (int) value;
  }

  /** An alignment in bytes. */
  int expectAlignment() {
    int line = line();
    long value = Constants.integer(this);
    if (Long.bitCount(value) != 1 || value < 0 || value > KernelLimits.ALIGNMENT) {
      throw PtxException.at(
          file,
          line,
          "alignment is %d, expected a power of two of at most %d"
              .formatted(value, KernelLimits.ALIGNMENT));
    }
    return (int) value;
  }

  PtxException unexpected(String expected) {
    return error("found '" + peek().text() + "', expected " + expected);
  }

  PtxException error(String message) {
    return PtxException.at(file, line(), message);
  }
}
