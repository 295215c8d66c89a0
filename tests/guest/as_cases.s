# Every instruction form of the guest's as; the host's as judges the bytes.
        .text
        .globl _start
_start: movl    $1, %eax
        movl    $text, %ecx
        movl    number, %eax
        movl    %eax, number
        movl    number, %ebx
        movl    %ebx, number+4
        movl    $5, number
        movl    %esp, %ebp
        movl    8(%ebp), %eax
        movl    %eax, -4(%ebp)
        movl    (%ebp), %edx
        movl    (%esp), %edx
        movl    4(%esp,%ecx,4), %edx
        movl    table(,%esi,4), %edi
        movl    table(%esi), %edi
        movl    (%ebx,%edi), %edi
        movl    300(%ebx,%edi,8), %edi
        movb    $10, %al
        movb    $'A', (%edi)
        movb    %al, (%edi)
        movb    (%esi), %dh
        movb    %cl, %ch
        movzbl  (%esi), %eax
        movsbl  %al, %eax
        addl    $4, %ebx
        addl    $400, %ebx
        addl    $400, %eax
        addl    $4, %eax
        addl    $-129, %eax
        addl    %ecx, %edx
        addl    (%edx), %ecx
        addl    %ecx, 4(%edx)
        addl    $1, number
        sub     $8, %esp
        andl    $-16, %esp
        orl     %eax, %eax
        xorl    %eax, %eax
        adcl    $0, %edx
        sbbl    %eax, %edx
        cmpl    $0, -4(%ebp)
        cmpl    $text, %ecx
        cmpb    $'0', %al
        cmpb    $'9', %dl
        cmpb    $0, (%esi,%ecx)
        testl   %eax, %eax
        testl   $3, %eax
        testl   $3, %ecx
        testb   $1, %al
        leal    -20(%ebp), %eax
        leal    (%eax,%eax,4), %eax
        leal    table, %eax
        imull   %ecx, %eax
        imull   (%ecx), %eax
        imull   %ecx
        mull    %ebx
        divl    %ebx
        idivl   4(%esp)
        negl    %eax
        notl    (%eax)
        incl    %eax
        decl    %ecx
        incl    number
        decl    (%ebx)
        shll    $1, %eax
        shll    $4, %eax
        shrl    %cl, %edx
        sarl    $31, %edx
        shl     $2, %ecx
        roll    $3, (%ebx)
        pushl   %ebp
        pushl   $1
        pushl   $1000
        pushl   $text
        pushl   number
        pushl   8(%ebp)
        popl    %ebp
        popl    (%eax)
        xchgl   (%ebx), %eax
        cltd
        leave
        ret
        nop
        int     $0x80
        int3
        hlt
        cld
        std
        pusha
        popa
        pushf
        popf
        cli
        sti
back:   jmp     back
        jmp     near
        je      near
        jne     far
        jnz     back
        jl      near
        jge     near
        jbe     far
        ja      far
        jc      near
        js      near
near:   call    far
        call    *%eax
        jmp     *table(,%eax,4)
        .space  200
far:    jmp     back
        jg      back
        ret
        .data
text:   .ascii  "a # in a text\n", "\"\\"
        .asciz  "with null\t"
        .byte   1, 2, 'x', -1
length = . - text
number: .long   5, -1
table:  .long   text, far, table + 4, length
        .bss
room:   .space  4000
