package org.mirror4j.device.ptx.syntax;

import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/**
 * Holds a text to {@link KernelLimits} before anything takes memory for what it declares. Of the
 * language it knows only how a declaration looks, so that a text which the parser does not know can
 * still be given to the assembler.
 */
final class ModuleLimits {
  /** Of a type that is not known here. */
  private static final int WIDEST_BYTES = 16;

  private final TokenStream tokens;
  private int line;
  private int statements;
  private int braces;
  private long registers;
  private final long[] bytes = new long[StateSpace.values().length];

  /** What the statement at hand declares: registers, variables of a space, or neither. */
  private boolean declaresRegisters;

  private StateSpace space;
  private long elementBytes;
  private int vectorElements = 1;
  private long elements;

  private ModuleLimits(TokenStream tokens) {
    this.tokens = tokens;
  }

  /**
   * Reads all tokens.
   *
   * @throws PtxException at the first that is one too many
   */
  static void require(TokenStream tokens) {
    new ModuleLimits(tokens).read();
  }

  private void read() {
    boolean begins = true;
    boolean declares = false;
    Token before = tokens.peek();
    while (tokens.peek().kind() != Token.Kind.END) {
      Token token = tokens.next();
      line = token.line();
      declares = begins ? token.kind() == Token.Kind.DOTTED : declares;
      begins = token.is(";") || token.is("{") || token.is("}") || token.is(":");
      if (token.is("{")) {
        require(++braces, KernelLimits.BRACES, "braces inside one another");
      } else if (token.is("}")) {
        braces--;
      }
      if (declares) {
        declaration(before, token);
      }
      if (begins) {
        endDeclaration();
        require(++statements, KernelLimits.STATEMENTS, "statements");
      }
      before = token;
    }
  }

  private void declaration(Token before, Token token) {
    switch (token.kind()) {
      case DOTTED -> directive(token.text());
      case WORD -> {
        if (declaresRegisters) {
          declareRegisters(1);
        } else if (space != null) {
          elements = 1;
        }
      }
      case PUNCTUATION -> {
        boolean named = before.kind() == Token.Kind.WORD;
        if (token.is("<") && declaresRegisters && named) {
          declareRegisters(size() - 1);
        } else if (token.is("[") && elements > 0 && (named || before.is("]"))) {
          elements = product(elements, size());
        } else if (token.is(",") || token.is(")") || token.is("=")) {
          endVariable();
        }
      }
      default -> {}
    }
  }

  private void directive(String directive) {
    if (directive.equals(".entry") || directive.equals(".func")) {
      endDeclaration();
      registers = 0;
      bytes[StateSpace.LOCAL.ordinal()] = 0;
      bytes[StateSpace.PARAM.ordinal()] = 0;
    } else if (directive.equals(".reg")) {
      declaresRegisters = true;
    } else if (space == null) {
      space = StateSpace.named(directive.substring(1));
      elementBytes = WIDEST_BYTES;
    } else if (Type.named(directive.substring(1)) != null) {
      elementBytes = Math.max(1, Type.named(directive.substring(1)).bytes());
    } else if (directive.equals(".v2") || directive.equals(".v4")) {
      vectorElements = directive.charAt(2) - '0';
    }
  }

  /** The number between brackets; 1 where it is left out. */
  private long size() {
    boolean open = tokens.peek().is("]") || tokens.peek().is(">");
    return open ? 1 : Math.max(0, Constants.integer(tokens));
  }

  private void declareRegisters(long more) {
    registers += Math.min(more, Integer.MAX_VALUE);
    require(registers, KernelLimits.REGISTERS, "registers");
  }

  private void endVariable() {
    if (space != null && elements > 0) {
      int index = space.ordinal();
      bytes[index] =
          Math.min(
              bytes[index] + product(elements, vectorElements * elementBytes), Integer.MAX_VALUE);
      require(bytes[index], most(space), "bytes in " + space);
    }
    elements = 0;
    // The next parameter says so itself.
    space = space == StateSpace.PARAM ? null : space;
  }

  private void endDeclaration() {
    endVariable();
    space = null;
    vectorElements = 1;
    declaresRegisters = false;
  }

  private static long product(long a, long b) {
    return a > 0 && b > Integer.MAX_VALUE / a ? Integer.MAX_VALUE : a * b;
  }

  /** Bytes that variables of a space may take. */
  static int most(StateSpace space) {
    return switch (space) {
      case GLOBAL -> KernelLimits.GLOBAL_BYTES;
      case SHARED -> KernelLimits.SHARED_BYTES;
      case PARAM -> KernelLimits.PARAMETER_BYTES;
      case CONST -> KernelLimits.CONSTANT_BYTES;
      case LOCAL -> KernelLimits.LOCAL_BYTES;
    };
  }

  private void require(long found, int most, String what) {
    if (found > most) {
      String shown = found >= Integer.MAX_VALUE ? "2147483647 or more" : Long.toString(found);
      throw PtxException.at(tokens.file(), line, "%s %s, at most %d".formatted(shown, what, most));
    }
  }
}
