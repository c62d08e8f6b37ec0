package org.mirror4j.device.ptx;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.device.ptx.syntax.Instruction;

/**
 * Makes a class of the straight runs of a program. Each run is a method; an instruction in it is a
 * call of the class that computes its lanes ({@link LaneCode}), of {@link MemoryLanes}, or of the
 * reference's operation, with its registers as constants. Registers that surely hold a value are
 * not looked at; what is written is marked before an instruction that could report, and at the end.
 */
final class CodeGenerator {
  private static final ClassDesc WARP = describe(Warp.class);
  private static final ClassDesc STEP = describe(Step.class);
  private static final ClassDesc ACCESS = describe(WordAccess.class);
  private static final ClassDesc CODE = describe(CompiledCode.class);
  private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(ConstantDescs.CD_void, WARP, ConstantDescs.CD_int);
  private static final MethodTypeDesc EXECUTE =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_int, WARP, ConstantDescs.CD_int);
  private static final MethodTypeDesc LANES =
      MethodTypeDesc.of(
          ConstantDescs.CD_void,
          WARP,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int);
  private static final MethodTypeDesc MEMORY =
      MethodTypeDesc.of(ConstantDescs.CD_void, WARP, ConstantDescs.CD_int, STEP, ACCESS);
  private static final MethodTypeDesc STEP_AND_MASK =
      MethodTypeDesc.of(ConstantDescs.CD_void, STEP, ConstantDescs.CD_int);
  private static final MethodTypeDesc STEP_AND_TWO =
      MethodTypeDesc.of(ConstantDescs.CD_void, STEP, ConstantDescs.CD_int, ConstantDescs.CD_int);

  // Local variables of a run's method.
  private static final int WARP_AT = 0;
  private static final int MASK_AT = 1;
  private static final int STEPS_AT = 2;
  private static final int DEFINED_AT = 3;
  private static final int PREDICATES_AT = 4;
  private static final int EXECUTING_AT = 5;

  private final PtxProgram program;
  private final DefiniteAssignment assignment;

  /** Registers that the run has written in all its lanes and not yet marked. */
  private final Set<Integer> unmarked = new LinkedHashSet<>();

  private CodeGenerator(PtxProgram program, DefiniteAssignment assignment) {
    this.program = program;
    this.assignment = assignment;
  }

  /** The runs of a program as methods, numbered as they are. */
  static CompiledCode generate(
      PtxProgram program, DefiniteAssignment assignment, List<StraightRun> runs) {
    MethodHandles.Lookup here = MethodHandles.lookup();
    byte[] made = bytes(program, assignment, runs);
    try {
      MethodHandles.Lookup hidden = here.defineHiddenClass(made, true);
      return (CompiledCode)
          hidden.findConstructor(hidden.lookupClass(), MethodType.methodType(void.class)).invoke();
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException(
          "no class for entry " + program.syntax().name() + ": " + thrown.getMessage(), thrown);
    }
  }

  /** The class file. */
  static byte[] bytes(PtxProgram program, DefiniteAssignment assignment, List<StraightRun> runs) {
    CodeGenerator generator = new CodeGenerator(program, assignment);
    ClassDesc name = ClassDesc.of(CodeGenerator.class.getPackageName(), "CompiledRuns");
    return ClassFile.of().build(name, type -> generator.write(type, name, runs));
  }

  private static ClassDesc describe(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  private void write(ClassBuilder type, ClassDesc name, List<StraightRun> runs) {
    type.withFlags(AccessFlag.FINAL, AccessFlag.SUPER).withSuperclass(CODE);
    type.withMethodBody(
        ConstantDescs.INIT_NAME,
        ConstantDescs.MTD_void,
        0,
        code ->
            code.aload(0)
                .invokespecial(CODE, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                .return_());
    type.withMethodBody("execute", EXECUTE, 0, code -> choose(code, name, runs.size()));
    for (StraightRun run : runs) {
      type.withMethodBody(
          method(run.number()), RUN, ClassFile.ACC_STATIC, code -> write(code, run));
    }
  }

  private static String method(int run) {
    return "run" + run;
  }

  private static void choose(CodeBuilder code, ClassDesc name, int runs) {
    Label none = code.newLabel();
    List<SwitchCase> cases = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      cases.add(SwitchCase.of(i, code.newLabel()));
    }
    if (runs > 0) {
      code.iload(1).tableswitch(0, runs - 1, none, cases);
    }
    for (int i = 0; i < runs; i++) {
      code.labelBinding(cases.get(i).target());
      code.aload(2).iload(3).invokestatic(name, method(i), RUN).return_();
    }
    code.labelBinding(none).return_();
  }

  private void write(CodeBuilder code, StraightRun run) {
    code.aload(WARP_AT).getfield(WARP, "code", STEP.arrayType()).astore(STEPS_AT);
    code.aload(WARP_AT).getfield(WARP, "defined", INTS).astore(DEFINED_AT);
    code.aload(WARP_AT).getfield(WARP, "predicates", INTS).astore(PREDICATES_AT);
    for (int i = run.first(); i < run.end(); i++) {
      write(code, program.code()[i]);
    }
    mark(code);
    code.return_();
  }

  private void write(CodeBuilder code, Step step) {
    boolean guarded = step.guard >= 0;
    LaneCode lanes = LaneCode.of(program.syntax(), program.files(), step.instruction);
    if (reports(step, lanes)) {
      mark(code);
    }
    Label behind = code.newLabel();
    if (guarded) {
      Instruction.Guard guard = step.instruction.guard();
      requireAssigned(code, step, guard.register().serial(), MASK_AT);
      code.iload(MASK_AT).aload(PREDICATES_AT).loadConstant(step.guard).iaload();
      if (step.guardNegated) {
        code.iconst_m1().ixor();
      }
      code.iand().istore(EXECUTING_AT).iload(EXECUTING_AT).ifeq(behind);
    }
    int executing = guarded ? EXECUTING_AT : MASK_AT;
    for (int serial : step.reads) {
      requireAssigned(code, step, serial, executing);
    }
    call(code, step, lanes, executing);
    for (int serial : step.writes) {
      if (guarded) {
        mark(code, serial, EXECUTING_AT);
      } else {
        unmarked.add(serial);
      }
    }
    code.labelBinding(behind);
    if (guarded) {
      code.aload(WARP_AT);
      load(code, step).iload(MASK_AT).iload(EXECUTING_AT);
      code.invokevirtual(WARP, "tell", STEP_AND_TWO);
    }
  }

  private void call(CodeBuilder code, Step step, LaneCode lanes, int executing) {
    code.aload(WARP_AT);
    if (lanes != null) {
      code.iload(executing).loadConstant(lanes.operation()).loadConstant(lanes.d());
      code.loadConstant(lanes.a()).loadConstant(lanes.b()).loadConstant(lanes.c());
      code.invokestatic(describe(lanes.lanes()), "apply", LANES);
    } else if (program.accesses()[step.instruction.index()] != null) {
      code.iload(executing);
      load(code, step);
      code.aload(WARP_AT).getfield(WARP, "accesses", ACCESS.arrayType());
      code.loadConstant(step.instruction.index()).aaload();
      code.invokestatic(describe(MemoryLanes.class), "access", MEMORY);
    } else {
      load(code, step).iload(executing);
      code.invokevirtual(WARP, "operate", STEP_AND_MASK);
    }
  }

  private static CodeBuilder load(CodeBuilder code, Step step) {
    return code.aload(STEPS_AT).loadConstant(step.instruction.index()).aaload();
  }

  /** Reports lanes in which a register is read that has no value, unless there can be none. */
  private void requireAssigned(CodeBuilder code, Step step, int serial, int executing) {
    if (assignment.isAssigned(step.instruction.index(), serial)) {
      return;
    }
    Label assigned = code.newLabel();
    code.iload(executing).aload(DEFINED_AT).loadConstant(serial).iaload();
    code.iconst_m1().ixor().iand().ifeq(assigned);
    code.aload(WARP_AT);
    load(code, step).iload(executing).loadConstant(serial);
    code.invokevirtual(WARP, "undefined", STEP_AND_TWO);
    code.labelBinding(assigned);
  }

  /** Whether an instruction could report: what was written before it has to be marked then. */
  private boolean reports(Step step, LaneCode lanes) {
    boolean reports = lanes == null && step.kind == Step.Kind.EFFECT;
    int at = step.instruction.index();
    for (int serial : step.reads) {
      reports |= !assignment.isAssigned(at, serial);
    }
    Instruction.Guard guard = step.instruction.guard();
    return reports || guard != null && !assignment.isAssigned(at, guard.register().serial());
  }

  private void mark(CodeBuilder code) {
    unmarked.forEach(serial -> mark(code, serial, MASK_AT));
    unmarked.clear();
  }

  private static void mark(CodeBuilder code, int serial, int lanes) {
    code.aload(DEFINED_AT).loadConstant(serial).dup2().iaload();
    code.iload(lanes).ior().iastore();
  }
}
