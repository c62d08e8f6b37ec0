package org.mirror4j.device.ptx.syntax;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/** Cuts PTX text into tokens (ISA 4.1 to 4.5); comments end here. */
final class Lexer {
  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean glued;

  private Lexer(String file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * All tokens of a text, the last one of kind END.
   *
   * @throws PtxException at a character that PTX does not know
   */
  static List<Token> tokens(String file, String text) {
    Lexer lexer = new Lexer(file, text);
    while (lexer.skipBlank()) {
      lexer.token();
    }
    lexer.tokens.add(new Token(Token.Kind.END, "end of file", lexer.line, false));
    return lexer.tokens;
  }

  /** Skips white space and comments; false at the end of the text. */
  private boolean skipBlank() {
    glued = true;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\n') {
        line++;
        at++;
      } else if (Character.isWhitespace(c)) {
        at++;
      } else if (text.startsWith("//", at)) {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (text.startsWith("/*", at)) {
        skipBlockComment();
      } else {
        return true;
      }
      glued = false;
    }
    return false;
  }

  private void skipBlockComment() {
    int end = text.indexOf("*/", at + 2);
    if (end < 0) {
      throw PtxException.at(file, line, "comment has no end, expected '*/'");
    }
    line += (int) text.substring(at, end).chars().filter(c -> c == '\n').count();
    at = end + 2;
  }

  private void token() {
    char c = text.charAt(at);
    char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
    if (isDigit(c)) {
      take(Token.Kind.NUMBER, numberEnd());
    } else if (c == '.' && isWordPart(next)) {
      take(Token.Kind.DOTTED, dottedEnd());
    } else if (isWordPart(c) || c == '%' && isWordPart(next)) {
      take(Token.Kind.WORD, wordEnd(at + 1));
    } else if (c == '"') {
      int end = text.indexOf('"', at + 1);
      if (end < 0) {
        throw PtxException.at(file, line, "string has no end, expected '\"'");
      }
      take(Token.Kind.STRING, at + 1, end);
      at = end + 1;
    } else if ("{}[]()<>,;:@!|+-*~=".indexOf(c) >= 0) {
      take(Token.Kind.PUNCTUATION, at + 1);
    } else {
      String found = Character.toString(text.codePointAt(at));
      throw PtxException.at(file, line, "unexpected character '" + found + "'");
    }
  }

  private void take(Token.Kind kind, int end) {
    take(kind, at, end);
    at = end;
  }

  private void take(Token.Kind kind, int from, int end) {
    if (end - from > KernelLimits.WORD_CHARACTERS) {
      throw PtxException.at(
          file,
          line,
          "a word of %d characters, at most %d"
              .formatted(end - from, KernelLimits.WORD_CHARACTERS));
    }
    tokens.add(new Token(kind, text.substring(from, end), line, glued));
  }

  private int wordEnd(int from) {
    int end = from;
    while (end < text.length() && isWordPart(text.charAt(end))) {
      end++;
    }
    return end;
  }

  /** A name's part may hold a double colon: {@code .L2::128B}. */
  private int dottedEnd() {
    int end = wordEnd(at + 1);
    return text.startsWith("::", end) ? wordEnd(end + 2) : end;
  }

  /** Letters belong to a number (0x1F, 0f3F800000, 12U), a dot and a signed exponent too. */
  private int numberEnd() {
    boolean prefixed = text.charAt(at) == '0' && at + 1 < text.length() && !isDigit(text, at + 1);
    int end = wordEnd(at);
    if (prefixed && text.charAt(at + 1) != '.') {
      return end;
    }
    if (end < text.length() && text.charAt(end) == '.' && isDigit(text, end + 1)) {
      end = wordEnd(end + 1);
    }
    boolean exponent = text.charAt(end - 1) == 'e' || text.charAt(end - 1) == 'E';
    if (exponent && end < text.length() && "+-".indexOf(text.charAt(end)) >= 0) {
      end = wordEnd(end + 1);
    }
    return end;
  }

  private static boolean isDigit(String text, int index) {
    return index < text.length() && isDigit(text.charAt(index));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordPart(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || isDigit(c);
  }
}
