package org.mirror4j.device.ptx.syntax;

import java.util.List;

/**
 * One entry, resolved.
 *
 * @param parameterBytes size of the parameter block
 * @param registers all registers, by serial
 * @param required block that {@code .reqntid} demands, or null
 * @param maximum largest block that {@code .maxntid} allows, or null
 * @param staticSharedBytes shared memory of the declared arrays
 * @param dynamicSharedOffset where the {@code .extern .shared} array begins, -1 if there is none
 * @param localBytes local memory of a thread
 */
public record EntrySyntax(
    String file,
    int line,
    String name,
    List<Parameter> parameters,
    int parameterBytes,
    List<Register> registers,
    Dim3 required,
    Dim3 maximum,
    int staticSharedBytes,
    int dynamicSharedOffset,
    int localBytes,
    List<Instruction> instructions,
    ControlFlow controlFlow) {

  /** Number of registers of a width. */
  public int count(Register.Width width) {
    return (int) registers.stream().filter(register -> register.width() == width).count();
  }

  /** First byte of a variable in its space, dynamic shared memory being behind the static part. */
  public long address(Variable variable) {
    boolean dynamic = variable.space() == StateSpace.SHARED && variable.bytes() == 0;
    return dynamic ? dynamicSharedOffset : variable.offset();
  }
}
