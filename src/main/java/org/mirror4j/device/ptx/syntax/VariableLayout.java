package org.mirror4j.device.ptx.syntax;

import java.io.ByteArrayOutputStream;
import org.mirror4j.device.ptx.report.PtxException;

/** Places variables of a space one behind the other and holds the bytes of constant memory. */
final class VariableLayout {
  /** The array whose size the launch gives is aligned for every vector access. */
  private static final int DYNAMIC_ALIGN = 16;

  private final TokenStream tokens;
  private final ByteArrayOutputStream constants = new ByteArrayOutputStream();
  private int sharedBytes;
  private int localBytes;
  private int dynamicAlign;

  VariableLayout(TokenStream tokens) {
    this.tokens = tokens;
  }

  int sharedBytes() {
    return sharedBytes;
  }

  int localBytes() {
    return localBytes;
  }

  /** Where dynamic shared memory begins, -1 if no array of it is declared. */
  int dynamicSharedOffset() {
    return dynamicAlign == 0 ? -1 : align(sharedBytes, dynamicAlign);
  }

  byte[] constants() {
    return constants.toByteArray();
  }

  /** Variables after {@code .shared}, {@code .local} or {@code .const}, up to the semicolon. */
  void declare(StateSpace space, boolean external, Scope scope) {
    int align = tokens.acceptDirective(".align") ? tokens.expectAlignment() : 1;
    Type type = tokens.expectType();
    if (type.bytes() == 0) {
      throw tokens.error("unsupported variable of type " + type);
    }
    do {
      int line = tokens.line();
      String name = tokens.expectWord("the name of a variable");
      Variable variable = place(space, external, Math.max(align, type.bytes()), type, name, line);
      if (!scope.declare(name, variable)) {
        throw PtxException.at(tokens.file(), line, "'" + name + "' is declared twice");
      }
    } while (tokens.accept(","));
    tokens.expect(";");
  }

  private Variable place(
      StateSpace space, boolean external, int align, Type type, String name, int line) {
    long elements = 1;
    boolean open = false;
    while (tokens.accept("[")) {
      open |= tokens.peek().is("]");
      int size = open ? 1 : tokens.expectSmallInteger("size of an array");
      elements = Math.min(elements * size, Integer.MAX_VALUE);
      tokens.expect("]");
    }
    if (open != external) {
      throw tokens.error("'" + name + "' must be .extern and without a size, or neither");
    }
    if (external) {
      dynamicAlign = Math.max(dynamicAlign, Math.max(align, DYNAMIC_ALIGN));
      return new Variable(name, space, type, 0, 0, line);
    }
    long bytes = elements * type.bytes();
    if (bytes == 0) {
      throw tokens.error("'" + name + "' has no elements");
    }
    int used =
        switch (space) {
          case LOCAL -> localBytes;
          case CONST -> constants.size();
          default -> sharedBytes;
        };
    int offset = align(used, align);
    if (offset + bytes > ModuleLimits.most(space)) {
      throw tokens.error(
          "'%s' ends at byte %d of %s, at most %d"
              .formatted(name, offset + bytes, space, ModuleLimits.most(space)));
    }
    if (space == StateSpace.CONST) {
      return constant(offset, type, elements, name, line);
    }
    if (space == StateSpace.LOCAL) {
      localBytes = offset + (int) bytes;
    } else {
      sharedBytes = offset + (int) bytes;
    }
    return new Variable(name, space, type, offset, bytes, line);
  }

  private Variable constant(int offset, Type type, long elements, String name, int line) {
    while (constants.size() < offset) {
      constants.write(0);
    }
    long written = 0;
    if (tokens.accept("=")) {
      boolean list = tokens.accept("{");
      do {
        write(type);
        written++;
      } while (list && tokens.accept(","));
      if (list) {
        tokens.expect("}");
      }
    }
    if (written > elements) {
      throw tokens.error("'" + name + "' has " + written + " values, expected " + elements);
    }
    for (long left = (elements - written) * type.bytes(); left > 0; left--) {
      constants.write(0);
    }
    return new Variable(name, StateSpace.CONST, type, offset, elements * type.bytes(), line);
  }

  private void write(Type type) {
    Operand value = Constants.operand(tokens);
    long bits =
        switch (value) {
          case Operand.IntegerConstant integer when !type.isFloat() -> integer.value();
          case Operand.FloatConstant constant when type == Type.F64 ->
              Double.doubleToRawLongBits(constant.value());
          case Operand.FloatConstant constant when type == Type.F32 ->
              constant.single()
                  ? constant.bits()
                  : Float.floatToRawIntBits((float) constant.value());
          default -> throw tokens.error("initial value does not fit type " + type);
        };
    for (int i = 0; i < type.bytes(); i++) {
      constants.write((int) (bits >>> 8 * i));
    }
  }

  private static int align(int offset, int align) {
    return (offset + align - 1) / align * align;
  }
}
